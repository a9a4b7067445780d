package org.embedllm.benchmark;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.SplitPart;

/// Each model's accuracy on one benchmark, over all observed answers, and its mean accuracy on the
/// other benchmarks, over the training questions.
public final class TargetBenchmark {
  private final String benchmark;
  private final List<String> models;
  private final double[] accuracies; // [m], NaN without an answer
  private final int[] answers; // [m]
  private final int[] answersElsewhere; // [m]
  private final double[] meansElsewhere; // [m], NaN without a training answer elsewhere

  private TargetBenchmark(
      String benchmark,
      List<String> models,
      double[] accuracies,
      int[] answers,
      int[] answersElsewhere,
      double[] meansElsewhere) {
    this.benchmark = benchmark;
    this.models = models;
    this.accuracies = accuracies;
    this.answers = answers;
    this.answersElsewhere = answersElsewhere;
    this.meansElsewhere = meansElsewhere;
  }

  /// Reads one benchmark out of the data.
  ///
  /// @param benchmark the benchmark to predict
  /// @param absent further benchmarks that count neither here nor elsewhere
  public static TargetBenchmark of(EvaluationData data, String benchmark, Set<String> absent) {
    CorrectnessMatrix matrix = data.matrix();
    int m = matrix.modelCount();
    Tally here = new Tally(m);
    Tally elsewhere = new Tally(m);
    Map<String, Tally> trained = new TreeMap<>();
    for (int j = 0; j < matrix.questionCount(); j++) {
      String name = matrix.questions().get(j).benchmark();
      if (name.equals(benchmark)) {
        here.add(matrix, j);
      } else if (!absent.contains(name)) {
        elsewhere.add(matrix, j);
        if (data.split().part(j) == SplitPart.TRAIN) {
          trained.computeIfAbsent(name, key -> new Tally(m)).add(matrix, j);
        }
      }
    }
    double[] means = new double[m];
    for (int i = 0; i < m; i++) {
      int model = i;
      means[i] =
          trained.values().stream()
              .mapToDouble(tally -> tally.accuracy(model))
              .filter(Double::isFinite)
              .average()
              .orElse(Double.NaN);
    }
    return new TargetBenchmark(
        benchmark,
        matrix.models(),
        IntStream.range(0, m).mapToDouble(here::accuracy).toArray(),
        here.answers,
        elsewhere.answers,
        means);
  }

  /// Name of the benchmark.
  public String benchmark() {
    return benchmark;
  }

  /// Names of all m models.
  public List<String> models() {
    return models;
  }

  /// Share of right answers among all observed answers of a model to the benchmark; NaN without
  /// one.
  public double accuracy(int model) {
    return accuracies[model];
  }

  /// A model's accuracy on each other benchmark, averaged over these benchmarks; training questions
  /// only. NaN without an answer.
  public double meanElsewhere(int model) {
    return meansElsewhere[model];
  }

  /// The models with enough answers on the benchmark and elsewhere, ascending.
  ///
  /// @param leastAnswers needed on either side
  public int[] eligible(int leastAnswers) {
    return IntStream.range(0, models.size())
        .filter(i -> answers[i] >= leastAnswers && answersElsewhere[i] >= leastAnswers)
        .filter(i -> Double.isFinite(meansElsewhere[i]))
        .toArray();
  }

  double[] sharedAccuracies() {
    return accuracies;
  }

  /// Right and observed answers of each model over some questions.
  private static final class Tally {
    private final int[] answers; // [m]
    private final int[] right; // [m]

    Tally(int models) {
      answers = new int[models];
      right = new int[models];
    }

    void add(CorrectnessMatrix matrix, int question) {
      for (int c = matrix.firstCell(question); c < matrix.firstCell(question + 1); c++) {
        answers[matrix.cellModel(c)]++;
        right[matrix.cellModel(c)] += CorrectnessMatrix.isCorrect(matrix.cellScore(c)) ? 1 : 0;
      }
    }

    double accuracy(int model) {
      return answers[model] == 0 ? Double.NaN : (double) right[model] / answers[model];
    }
  }
}
