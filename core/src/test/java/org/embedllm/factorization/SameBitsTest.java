package org.embedllm.factorization;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
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
    MatrixFactorization fitted =
        new MatrixFactorizationTrainer(options).fit(planted.train()).model();
    FloatMatrix p = fitted.forecast(planted.validation().features());
    CRC32C crc = new CRC32C();
    List<FloatMatrix> matrices = new ArrayList<>(Fixtures.parameters(fitted));
    matrices.add(p);
    for (FloatMatrix matrix : matrices) {
      float[] values = matrix.toArray();
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
      bytes.asFloatBuffer().put(values);
      crc.update(bytes);
    }
    return Long.toHexString(crc.getValue());
  }
}
