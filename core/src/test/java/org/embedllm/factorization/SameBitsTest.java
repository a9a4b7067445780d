package org.embedllm.factorization;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

/// One training, one checksum: the build runs this class at 512, 256 and 128 bits and without
/// vector instructions, and expects the same bits of all.
class SameBitsTest {
  @Test
  void fit_anyVectorWidth_givesTheRecordedBits() {
    assertThat(checksum(new PlantedProblem(19, 300, 37, 0.9, 6))).isEqualTo("d59937db");
  }

  @Test
  void fit_fewCellsAndAnyVectorWidth_givesTheRecordedBits() {
    assertThat(checksum(new PlantedProblem(60, 300, 37, 0.06, 6))).isEqualTo("af839d5f");
  }

  private static String checksum(PlantedProblem planted) {
    TrainingOptions options =
        TrainingOptions.DEFAULT
            .withDimension(21)
            .withEpochs(4)
            .withLearningRate(1e-3)
            .withBatchQuestions(48)
            .withThreads(2);
    Factors factors =
        new MatrixFactorizationTrainer(options)
            .fitFactors(planted.train(), TrainingListener.NONE, Optional.empty())
            .factors();
    FloatMatrix p = Fixtures.model(factors).forecast(planted.heldOut().features());
    CRC32C crc = new CRC32C();
    for (FloatMatrix matrix :
        new FloatMatrix[] {
          factors.modelVectors(),
          factors.projection(),
          factors.projectionBias(),
          factors.classifier(),
          factors.classifierBias(),
          p
        }) {
      float[] values = matrix.toArray();
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
      bytes.asFloatBuffer().put(values);
      crc.update(bytes);
    }
    return Long.toHexString(crc.getValue());
  }
}
