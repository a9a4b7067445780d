package org.embedllm.source;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.embedllm.correctness.Measure;

/// Answers in columns, in the order they came: 28 bytes each, and 8 for each measure that some
/// answer has. Questions, models, files and texts are numbers of their owner's.
final class HeldAnswers {
  private int[] questions = new int[16];
  private int[] models = new int[16];
  private float[] scores = new float[16];
  private int[] outputs = new int[16];
  private int[] files = new int[16];
  private long[] lines = new long[16];
  private final Map<Measure, double[]> measures = new EnumMap<>(Measure.class); // NaN: not known
  private int count;

  /// @param output number of the answer's text, or −1
  void add(
      int question,
      int model,
      float score,
      Map<Measure, Double> known,
      int output,
      int file,
      long line) {
    if (count == questions.length) {
      grow((int) Math.min(Integer.MAX_VALUE - 8, count + (count >> 1) + 1L));
    }
    questions[count] = question;
    models[count] = model;
    scores[count] = score;
    outputs[count] = output;
    files[count] = file;
    lines[count] = line;
    known.forEach((measure, value) -> column(measure)[count] = value);
    count++;
  }

  private double[] column(Measure measure) {
    return measures.computeIfAbsent(
        measure,
        m -> {
          double[] column = new double[questions.length];
          Arrays.fill(column, Double.NaN);
          return column;
        });
  }

  private void grow(int size) {
    questions = Arrays.copyOf(questions, size);
    models = Arrays.copyOf(models, size);
    scores = Arrays.copyOf(scores, size);
    outputs = Arrays.copyOf(outputs, size);
    files = Arrays.copyOf(files, size);
    lines = Arrays.copyOf(lines, size);
    measures.replaceAll((measure, column) -> {
      double[] larger = Arrays.copyOf(column, size);
      Arrays.fill(larger, column.length, size, Double.NaN);
      return larger;
    });
  }

  int count() {
    return count;
  }

  int question(int answer) {
    return questions[answer];
  }

  int model(int answer) {
    return models[answer];
  }

  float score(int answer) {
    return scores[answer];
  }

  /// What is known of an answer beside its score.
  Map<Measure, Double> measures(int answer) {
    Map<Measure, Double> known = new EnumMap<>(Measure.class);
    measures.forEach((measure, column) -> {
      if (!Double.isNaN(column[answer])) {
        known.put(measure, column[answer]);
      }
    });
    return known;
  }

  /// Number of an answer's text, or −1.
  int output(int answer) {
    return outputs[answer];
  }

  int file(int answer) {
    return files[answer];
  }

  long line(int answer) {
    return lines[answer];
  }
}
