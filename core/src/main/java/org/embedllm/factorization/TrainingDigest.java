package org.embedllm.factorization;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.storage.Sha256;

/// SHA-256 over everything that determines the result of a training: options without the threads,
/// models, cells and features.
final class TrainingDigest {
  private final MessageDigest digest = Sha256.newDigest();
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);

  private TrainingDigest() {}

  /// Hexadecimal.
  static String of(TrainingProblem problem, TrainingOptions options) {
    var made = new TrainingDigest();
    made.text(options.withThreads(1).toString());
    made.matrix(problem.train());
    made.values(problem.features().sharedArray());
    problem
        .validation()
        .ifPresent(held -> {
          made.matrix(held.matrix());
          made.values(held.features().sharedArray());
        });
    made.flush();
    return Sha256.hex(made.digest.digest());
  }

  private void matrix(CorrectnessMatrix matrix) {
    matrix.models().forEach(this::text);
    for (int j = 0; j <= matrix.questionCount(); j++) {
      bits(matrix.firstCell(j));
    }
    for (int c = 0; c < matrix.cellCount(); c++) {
      bits(matrix.cellModel(c));
      bits(Float.floatToRawIntBits(matrix.cellScore(c)));
    }
  }

  private void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    bits(bytes.length);
    flush();
    digest.update(bytes);
  }

  private void values(float[] values) {
    bits(values.length);
    for (float value : values) {
      bits(Float.floatToRawIntBits(value));
    }
  }

  private void bits(int value) {
    if (!buffer.hasRemaining()) {
      flush();
    }
    buffer.putInt(value);
  }

  private void flush() {
    digest.update(buffer.flip());
    buffer.clear();
  }
}
