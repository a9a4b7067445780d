package org.embedllm.gateway;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.Provenance;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.tensor.FloatMatrix;

/// Artifacts around a given factorization.
public final class TestArtifacts {
  private TestArtifacts() {}

  /// Writes a model for the encoder that comes along, which expects the same whatever the text: the
  /// first model to be right with probability 0.73, others with 0.5.
  public static Path write(Path file, List<String> models) throws IOException {
    EncoderIdentity identity;
    try (QuestionEncoder encoder =
        Encoders.open("minilm-l6-q", EncoderSettings.of(System.getenv()))) {
      identity = encoder.identity();
    }
    int q = identity.dimension();
    float[] vectors = new float[models.size() * 2];
    vectors[0] = 1;
    var factorization =
        new MatrixFactorization(
            models,
            identity,
            new FeatureMap.Identity(q),
            FloatMatrix.wrap(models.size(), 2, vectors),
            FloatMatrix.wrap(2, q, new float[2 * q]),
            FloatMatrix.wrap(1, 2, new float[] {1, 1}),
            FloatMatrix.wrap(2, 2, new float[] {0, 0, 1, 1}),
            FloatMatrix.wrap(1, 2, new float[2]));
    of(factorization, Map.of()).write(file);
    return file;
  }

  public static ModelArtifact of(
      MatrixFactorization factorization, Map<String, FloatMatrix> tensors) {
    float[] scores = new float[factorization.models().size()];
    CorrectnessMatrix answers =
        CorrectnessMatrix.ofDense(
            factorization.models(),
            List.of(new Question("q", "a question", "some")),
            new float[][] {scores});
    return new ModelArtifact(
        factorization,
        AnswerCounts.of(answers),
        new Provenance("0.1.0", "ab".repeat(32), Map.of(), 1),
        Map.of(),
        Optional.empty(),
        tensors,
        Map.of());
  }
}
