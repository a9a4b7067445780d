package org.embedllm.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.forecast.Interval;
import org.embedllm.forecast.ModelSums;
import org.embedllm.forecast.NeighborVotes;
import org.embedllm.forecast.PairedDifference;
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
  private final ModelSums modelSums; // right answers and cells
  private int fallbacks;

  private RoutingSums(CorrectnessMatrix answers, int[] choices, AnswerCounts training) {
    this.answers = answers;
    this.choices = choices.clone();
    this.benchmarks = answers.benchmarks();
    this.benchmarkOf = new int[choices.length];
    this.whole = new double[choices.length * MEANS];
    this.within = new double[choices.length];
    this.single = SingleBest.overall(training);
    float[] rights = new float[answers.cellCount()];
    for (int c = 0; c < rights.length; c++) {
      rights[c] = CorrectnessMatrix.isCorrect(answers.cellScore(c)) ? 1f : 0f;
    }
    this.modelSums = new ModelSums(answers, rights);
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
    double[] rights = new double[groups * 2 * m]; // [groups, 2, m] right answers, cells
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
      modelSums.add(j, count, rights, group * 2 * m);
    }
    for (int b = 0; b < groups - 1; b++) {
      double[] group = java.util.Arrays.copyOfRange(means, b * MEANS, (b + 1) * MEANS);
      group[SINGLE_BEST] = own[b];
      double random = weightedRandom(calls, b * m, rights, b * 2 * m, questions[b]);
      numbers(group, questions[b], random, into, benchmarkColumn(b));
    }
    double random = weightedRandom(folded(calls, m), 0, folded(rights, 2 * m), 0, sum(questions));
    numbers(folded(means, MEANS), sum(questions), random, into, 0);
  }

  /// A share that is the same in all resamples has the score interval of as many trials as there
  /// are questions; a difference that of paired differences.
  @Override
  public Interval degenerate(int number, double value) {
    int group = number / NUMBERS - 1; // −1 for all questions
    int kind = number % NUMBERS;
    if (kind == GAIN || kind == GAIN_OVER_NEIGHBORS) {
      int other = kind == GAIN ? SINGLE_BEST : NEIGHBORS;
      return PairedDifference.of(differences(group, other)).interval();
    }
    return Interval.ofShare(value, group < 0 ? questions() : questions(group));
  }

  private double[] differences(int group, int other) {
    double[] differences = new double[choices.length];
    for (int j = 0; j < differences.length; j++) {
      boolean counts = choices[j] >= 0 && (group < 0 || benchmarkOf[j] == group);
      double base = group >= 0 && other == SINGLE_BEST ? within[j] : whole[j * MEANS + other];
      differences[j] = counts ? whole[j * MEANS + ROUTER] - base : Double.NaN;
    }
    return differences;
  }

  /// Σ over models of share × accuracy.
  ///
  /// @param calls the router's calls by model, from `firstCall` on
  /// @param rights [2, m] right answers and cells by model, from `firstRight` on
  private double weightedRandom(
      double[] calls, int firstCall, double[] rights, int firstRight, double questions) {
    int m = answers.modelCount();
    double sum = 0;
    for (int i = 0; i < m; i++) {
      double own = calls[firstCall + i];
      sum += own > 0 ? own / questions * rights[firstRight + i] / rights[firstRight + m + i] : 0;
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

  /// Questions on which another model replaced the single best.
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
