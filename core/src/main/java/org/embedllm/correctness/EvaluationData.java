package org.embedllm.correctness;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import org.embedllm.storage.Sha256;

/// Everything that was imported about a pool of models: the answers, the split, and what a call
/// cost where the logs say so.
///
/// @param matrix answers, [m, n]
/// @param split the part of each of the n questions
/// @param callCosts mean cost of one call in USD by model name; a model without a known cost is
///   absent
/// @param digest SHA-256 (hex) over models, questions, split and cells: the same data, the same
///   digest
public record EvaluationData(
    CorrectnessMatrix matrix, QuestionSplit split, Map<String, Double> callCosts, String digest) {
  public EvaluationData {
    if (split.questionCount() != matrix.questionCount()) {
      throw new IllegalArgumentException(
          "the split has %d questions, the matrix %d"
              .formatted(split.questionCount(), matrix.questionCount()));
    }
    callCosts = Map.copyOf(callCosts);
  }

  /// Data with its digest worked out.
  public static EvaluationData of(
      CorrectnessMatrix matrix, QuestionSplit split, Map<String, Double> callCosts) {
    return new EvaluationData(matrix, split, callCosts, digest(matrix, split));
  }

  /// The questions of one part, with all models.
  public CorrectnessMatrix part(SplitPart part) {
    return matrix.selectQuestions(split.questions(part));
  }

  /// SHA-256 over the counts, the model names, each question's id, text, benchmark and part, and
  /// the cells; strings in UTF-8 behind their length, numbers big-endian.
  private static String digest(CorrectnessMatrix matrix, QuestionSplit split) {
    MessageDigest sha256 = Sha256.newDigest();
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    sha256.update(buffer.putInt(matrix.modelCount()).putInt(matrix.questionCount()).flip());
    matrix.models().forEach(name -> update(sha256, name));
    for (int j = 0; j < matrix.questionCount(); j++) {
      Question question = matrix.questions().get(j);
      update(sha256, question.id());
      update(sha256, question.text());
      update(sha256, question.benchmark());
      update(sha256, split.part(j).label());
      buffer.clear().putInt(matrix.cellCount(j));
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        if (buffer.remaining() < 8) {
          sha256.update(buffer.flip());
          buffer.clear();
        }
        buffer.putInt(matrix.cellModel(c)).putFloat(matrix.cellScore(c));
      }
      sha256.update(buffer.flip());
    }
    return Sha256.hex(sha256.digest());
  }

  private static void update(MessageDigest sha256, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    sha256.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
    sha256.update(bytes);
  }
}
