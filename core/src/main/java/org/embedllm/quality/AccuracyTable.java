package org.embedllm.quality;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.embedllm.correctness.CorrectnessMatrix;

/// Accuracy and number of answers by model and benchmark. The benchmark without a name is one too.
public final class AccuracyTable {
  /// Answers of one model to one benchmark, or of all models.
  ///
  /// @param benchmark name of the benchmark
  /// @param questions how many of its questions have an answer
  /// @param cells how many answers there are
  /// @param right how many of them are right: a score of at least one half
  public record Entry(String benchmark, int questions, int cells, int right) {
    /// Part of the answers that are right; NaN where there is none.
    public double accuracy() {
      return cells == 0 ? Double.NaN : (double) right / cells;
    }
  }

  private final List<String> models;
  private final List<String> benchmarks;
  private final int[] questions; // [benchmarks]
  private final int[][] cells; // [benchmarks][models]
  private final int[][] right; // [benchmarks][models]

  private AccuracyTable(CorrectnessMatrix matrix, Map<String, Integer> index) {
    this.models = matrix.models();
    this.benchmarks = List.copyOf(index.keySet());
    this.questions = new int[benchmarks.size()];
    this.cells = new int[benchmarks.size()][models.size()];
    this.right = new int[benchmarks.size()][models.size()];
  }

  public static AccuracyTable of(CorrectnessMatrix matrix) {
    Map<String, Integer> index = new TreeMap<>();
    matrix.questions().forEach(question -> index.put(question.benchmark(), 0));
    int next = 0;
    for (Map.Entry<String, Integer> entry : index.entrySet()) {
      entry.setValue(next++);
    }
    AccuracyTable table = new AccuracyTable(matrix, index);
    for (int j = 0; j < matrix.questionCount(); j++) {
      int b = index.getOrDefault(matrix.questions().get(j).benchmark(), 0);
      table.questions[b] += matrix.cellCount(j) > 0 ? 1 : 0;
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        table.cells[b][matrix.cellModel(c)]++;
        table.right[b][matrix.cellModel(c)] +=
            CorrectnessMatrix.isCorrect(matrix.cellScore(c)) ? 1 : 0;
      }
    }
    return table;
  }

  public List<String> models() {
    return models;
  }

  /// Names of the benchmarks, sorted.
  public List<String> benchmarks() {
    return benchmarks;
  }

  /// One model on one benchmark; its questions are those that it answered.
  public Entry entry(int model, int benchmark) {
    int count = cells[benchmark][model];
    return new Entry(benchmarks.get(benchmark), count, count, right[benchmark][model]);
  }

  /// All models on each benchmark.
  public List<Entry> byBenchmark() {
    List<Entry> entries = new ArrayList<>();
    for (int b = 0; b < benchmarks.size(); b++) {
      entries.add(new Entry(benchmarks.get(b), questions[b], sum(cells[b]), sum(right[b])));
    }
    return entries;
  }

  /// One model on all benchmarks.
  public Entry ofModel(int model) {
    int count = 0;
    int correct = 0;
    for (int b = 0; b < benchmarks.size(); b++) {
      count += cells[b][model];
      correct += right[b][model];
    }
    return new Entry("", count, count, correct);
  }

  private static int sum(int[] values) {
    int sum = 0;
    for (int value : values) {
      sum += value;
    }
    return sum;
  }
}
