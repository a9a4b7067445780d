package org.embedllm.correctness;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import org.embedllm.storage.Sha256;

/// Everything that was imported about a pool of models: the answers, the split, and what a call
/// cost where the logs say so.
///
/// @param matrix answers, [m, n]; takes its repeats from the measures
/// @param split the part of each of the n questions
/// @param callCosts mean cost of one call in USD by model name; a model without a known cost is
///   absent
/// @param measures tokens, cost, seconds, repeats and their variance of each cell, where known
/// @param votes comparisons of two models on a question, in the order in which they were read
/// @param digest SHA-256 (hex) over models, questions, split, cells and votes: the same data, the
///   same digest
public record EvaluationData(
    CorrectnessMatrix matrix,
    QuestionSplit split,
    Map<String, Double> callCosts,
    CellMeasures measures,
    List<Vote> votes,
    String digest) {
  public EvaluationData {
    if (split.questionCount() != matrix.questionCount()) {
      throw new IllegalArgumentException(
          "the split has %d questions, the matrix %d"
              .formatted(split.questionCount(), matrix.questionCount()));
    }
    if (measures != CellMeasures.NONE && measures.cellCount() != matrix.cellCount()) {
      throw new IllegalArgumentException(
          "there are measures of %d cells, the matrix has %d"
              .formatted(measures.cellCount(), matrix.cellCount()));
    }
    for (Vote vote : votes) {
      if (vote.question() >= matrix.questionCount()
          || Math.max(vote.modelA(), vote.modelB()) >= matrix.modelCount()) {
        throw new IllegalArgumentException("a vote names what the matrix has not: " + vote);
      }
    }
    if (measures.has(Measure.REPEATS)) {
      float[] repeats = new float[matrix.cellCount()];
      float[] variances = new float[matrix.cellCount()];
      for (int cell = 0; cell < repeats.length; cell++) {
        repeats[cell] = (float) measures.value(Measure.REPEATS, cell);
        variances[cell] = (float) measures.value(Measure.SCORE_VARIANCE, cell);
      }
      matrix = matrix.withRepeats(repeats, variances);
    }
    callCosts = Map.copyOf(callCosts);
    votes = List.copyOf(votes);
  }

  /// Data with its digest computed, without measures and votes.
  public static EvaluationData of(
      CorrectnessMatrix matrix, QuestionSplit split, Map<String, Double> callCosts) {
    return of(matrix, split, callCosts, CellMeasures.NONE, List.of());
  }

  /// Data with its digest computed.
  public static EvaluationData of(
      CorrectnessMatrix matrix,
      QuestionSplit split,
      Map<String, Double> callCosts,
      CellMeasures measures,
      List<Vote> votes) {
    return new EvaluationData(
        matrix, split, callCosts, measures, votes, digest(matrix, split, votes));
  }

  /// What the answers took, with the rows and columns of the matrix.
  public ObservedUsage usage() {
    return ObservedUsage.of(matrix, measures);
  }

  /// The questions of one part, with all models.
  public CorrectnessMatrix part(SplitPart part) {
    return matrix.selectQuestions(split.questions(part));
  }

  /// SHA-256 over the counts, the model names, each question's id, text, benchmark, part and
  /// attributes, the cells, and the votes; strings in UTF-8 behind their length, numbers
  /// big-endian. Attributes and votes take part only where there are some.
  private static String digest(CorrectnessMatrix matrix, QuestionSplit split, List<Vote> votes) {
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
      for (String name : question.attributes().names()) {
        update(sha256, name);
        update(sha256, question.attributes().get(name).map(Object::toString).orElse(""));
      }
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
    for (Vote vote : votes) {
      buffer.clear();
      buffer.putInt(vote.question()).putInt(vote.modelA()).putInt(vote.modelB());
      sha256.update(buffer.putInt(vote.winner().code()).putInt(vote.judges()).flip());
    }
    return Sha256.hex(sha256.digest());
  }

  private static void update(MessageDigest sha256, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    sha256.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
    sha256.update(bytes);
  }
}
