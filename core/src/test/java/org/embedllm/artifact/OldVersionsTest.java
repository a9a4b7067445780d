package org.embedllm.artifact;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

/// Files that an earlier program wrote, kept in the repository: they must stay readable and go on
/// forecasting the same. The expected probabilities were computed from the files' bytes by a
/// program in another language.
class OldVersionsTest {
  private static final FloatMatrix QUESTION = FloatMatrix.wrap(1, 3, new float[] {0.6f, 0f, -0.8f});

  private static Path file(String name) throws URISyntaxException {
    return Path.of(requireNonNull(OldVersionsTest.class.getResource("/artifact/" + name)).toURI());
  }

  private static void forecasts(ModelArtifact artifact, double... expected) {
    FloatMatrix got = artifact.factorization().forecast(QUESTION);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) got.get(0, i)).isCloseTo(expected[i], within(1e-6));
    }
  }

  @Test
  void versionOne_linear_isReadWithItsQuestions() throws IOException, URISyntaxException {
    Path file = file("version-1-linear.safetensors");
    ModelArtifact artifact = ModelArtifact.open(file);
    forecasts(artifact, 0.40800135, 0.33811248, 0.37830047);
    assertThat(artifact.provenance().programVersion()).isEqualTo("0.1.0");
    assertThat(artifact.training().questions()).isEqualTo(6);
    TrainingQuestions questions = TrainingQuestions.beside(file, artifact).orElseThrow();
    assertThat(questions.matrix().questionCount()).isEqualTo(6);
    assertThat(questions.matrix().questions().getFirst().text())
        .isEqualTo("What, \"exactly\",\nis 0?\u2028");
  }

  @Test
  void versionOne_kernel_isRead() throws IOException, URISyntaxException {
    ModelArtifact artifact = ModelArtifact.open(file("version-1-kernel.safetensors"));
    forecasts(artifact, 0.39604438, 0.29337409, 0.28006624);
    assertThat(artifact.factorization().features()).isInstanceOf(FeatureMap.Kernel.class);
  }
}
