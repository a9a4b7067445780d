package org.embedllm.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.forecast.NeighborVotes;
import org.embedllm.forecast.QuestionBootstrap;

/// What each question adds to the numbers of a [RoutingEvaluation]: eight numbers over all
/// questions, then the same eight within each benchmark.
final class RoutingSums implements QuestionBootstrap.Statistics {
  static final int ROUTER = 0;
  static final int SINGLE_BEST = 1;
  static final int RANDOM = 2;
  static final int NEIGHBORS = 3;
  static final int ORACLE = 4;
  private static final int MEANS = 5; // the numbers above are means over questions
  static final int WEIGHTED_RANDOM = 5;
  static final int GAIN = 6;
  static final int GAIN_OVER_NEIGHBORS = 7;
  private static final int NUMBERS = 8;

  private final CorrectnessMatrix answers;
  private final int[] choices; // [n], −1 without candidates
  private final List<String> benchmarks;
  private final int[] benchmarkOf; // [n], −1 for none
  private final double[] whole; // [n, MEANS]
  private final double[] within; // [n] single best of the question's benchmark
  private final SingleBest single;
  private final List<SingleBest> singles = new ArrayList<>(); // of each benchmark
  private int fallbacks;

  private RoutingSums(CorrectnessMatrix answers, int[] choices, AnswerCounts training) {
    this.answers = answers;
    this.choices = choices.clone();
    this.benchmarks = answers.benchmarks();
    this.benchmarkOf = new int[choices.length];
    this.whole = new double[choices.length * MEANS];
    this.within = new double[choices.length];
    this.single = SingleBest.overall(training);
    benchmarks.forEach(benchmark -> singles.add(SingleBest.on(benchmark, training)));
  }

  static RoutingSums of(
      CorrectnessMatrix answers,
      int[] choices,
      AnswerCounts training,
      Optional<NeighborVotes> votes) {
    RoutingSums all = new RoutingSums(answers, choices, training);
    int[] byVotes =
        votes.map(v -> RouterChoices.byVotes(answers, v, training)).orElseGet(choices::clone);
    for (int j = 0; j < choices.length; j++) {
      all.benchmarkOf[j] = all.benchmarks.indexOf(answers.questions().get(j).benchmark());
      if (choices[j] >= 0) {
        all.addQuestion(j, byVotes[j]);
      }
    }
    return all;
  }

  private void addQuestion(int j, int byVotes) {
    int right = 0;
    for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
      right += CorrectnessMatrix.isCorrect(answers.cellScore(c)) ? 1 : 0;
    }
    int standIn = single.model(answers, j).orElseThrow();
    fallbacks += standIn == single.model() ? 0 : 1;
    whole[j * MEANS + ROUTER] = label(choices[j], j);
    whole[j * MEANS + SINGLE_BEST] = label(standIn, j);
    whole[j * MEANS + RANDOM] = (double) right / answers.cellCount(j);
    whole[j * MEANS + NEIGHBORS] = label(byVotes, j);
    whole[j * MEANS + ORACLE] = right > 0 ? 1 : 0;
    if (benchmarkOf[j] >= 0) {
      within[j] = label(singles.get(benchmarkOf[j]).model(answers, j).orElseThrow(), j);
    }
  }

  private double label(int model, int question) {
    return CorrectnessMatrix.isCorrect(answers.score(model, question)) ? 1 : 0;
  }

  @Override
  public void compute(int[] counts, double[] into) {
    int m = answers.modelCount();
    int groups = benchmarks.size() + 1; // the last for questions of no benchmark
    double[] questions = new double[groups];
    double[] means = new double[groups * MEANS];
    double[] own = new double[groups]; // single best within the benchmark
    double[] calls = new double[groups * m];
    double[] cells = new double[groups * m];
    double[] right = new double[groups * m];
    for (int j = 0; j < counts.length; j++) {
      int count = counts[j];
      if (count == 0 || choices[j] < 0) {
        continue;
      }
      int group = benchmarkOf[j] < 0 ? groups - 1 : benchmarkOf[j];
      questions[group] += count;
      own[group] += count * within[j];
      for (int k = 0; k < MEANS; k++) {
        means[group * MEANS + k] += count * whole[j * MEANS + k];
      }
      calls[group * m + choices[j]] += count;
      for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
        int at = group * m + answers.cellModel(c);
        cells[at] += count;
        right[at] += CorrectnessMatrix.isCorrect(answers.cellScore(c)) ? count : 0;
      }
    }
    for (int b = 0; b < groups - 1; b++) {
      double[] group = java.util.Arrays.copyOfRange(means, b * MEANS, (b + 1) * MEANS);
      group[SINGLE_BEST] = own[b];
      double random = weightedRandom(calls, cells, right, b * m, questions[b]);
      numbers(group, questions[b], random, into, benchmarkColumn(b));
    }
    double random =
        weightedRandom(folded(calls, m), folded(cells, m), folded(right, m), 0, sum(questions));
    numbers(folded(means, MEANS), sum(questions), random, into, 0);
  }

  /// Σ over models of share × accuracy, models from `from`.
  private double weightedRandom(
      double[] calls, double[] cells, double[] right, int from, double questions) {
    double sum = 0;
    for (int i = from; i < from + answers.modelCount(); i++) {
      sum += calls[i] > 0 ? calls[i] / questions * right[i] / cells[i] : 0;
    }
    return questions > 0 ? sum : Double.NaN;
  }

  private static void numbers(
      double[] means, double questions, double weightedRandom, double[] into, int at) {
    for (int k = 0; k < MEANS; k++) {
      into[at + k] = means[k] / questions;
    }
    into[at + WEIGHTED_RANDOM] = weightedRandom;
    into[at + GAIN] = into[at + ROUTER] - into[at + SINGLE_BEST];
    into[at + GAIN_OVER_NEIGHBORS] = into[at + ROUTER] - into[at + NEIGHBORS];
  }

  /// [groups, width] summed over groups.
  private static double[] folded(double[] values, int width) {
    double[] folded = new double[width];
    for (int k = 0; k < values.length; k++) {
      folded[k % width] += values[k];
    }
    return folded;
  }

  private static double sum(double[] values) {
    return java.util.Arrays.stream(values).sum();
  }

  int width() {
    return NUMBERS * (1 + benchmarks.size());
  }

  int benchmarkColumn(int benchmark) {
    return NUMBERS * (1 + benchmark);
  }

  List<String> benchmarks() {
    return benchmarks;
  }

  SingleBest singleBest() {
    return single;
  }

  SingleBest singleBest(int benchmark) {
    return singles.get(benchmark);
  }

  /// Questions on which another model stood in for the single best.
  int fallbacks() {
    return fallbacks;
  }

  /// Questions with candidates.
  int questions() {
    int questions = 0;
    for (int choice : choices) {
      questions += choice >= 0 ? 1 : 0;
    }
    return questions;
  }

  /// Questions of a benchmark with candidates.
  int questions(int benchmark) {
    int questions = 0;
    for (int j = 0; j < choices.length; j++) {
      questions += choices[j] >= 0 && benchmarkOf[j] == benchmark ? 1 : 0;
    }
    return questions;
  }
}
