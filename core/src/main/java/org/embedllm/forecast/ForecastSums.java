package org.embedllm.forecast;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.tensor.FloatMatrix;

/// What each question adds to the numbers of a [ForecastEvaluation], so that a resample of the
/// questions costs one pass over the cells.
///
/// Numbers: [#WHOLE] over all cells, the accuracy within each benchmark, then three for each model
/// (forecast accuracy, observed accuracy, mean probability).
final class ForecastSums implements QuestionBootstrap.Statistics {
  static final int HIT = 0;
  static final int LOG_LOSS = 1;
  static final int BRIER = 2;
  static final int MAJORITY = 3;
  static final int BENCHMARK_MAJORITY = 4;
  static final int NEIGHBORS = 5;
  private static final int WHOLE = 6;
  private static final int PER_MODEL = 3;
  private static final double SMALLEST = 1e-7;

  private final CorrectnessMatrix answers;
  private final List<String> benchmarks;
  private final int[] benchmarkOf; // [n], −1 for none
  private final double[] sums; // [n, WHOLE]
  private final float[] probabilities; // [cells]
  private final float[] scores; // [cells]
  private final float[] hits; // [cells], 1 where forecast and label agree
  private final float[] rights; // [cells], 1 where the answer is right
  private final ModelSums modelSums;

  private ForecastSums(CorrectnessMatrix answers) {
    this.answers = answers;
    this.benchmarks = answers.benchmarks();
    this.benchmarkOf = new int[answers.questionCount()];
    this.sums = new double[answers.questionCount() * WHOLE];
    this.probabilities = new float[answers.cellCount()];
    this.scores = new float[answers.cellCount()];
    this.hits = new float[answers.cellCount()];
    this.rights = new float[answers.cellCount()];
    this.modelSums = new ModelSums(answers, hits, rights, probabilities);
  }

  static ForecastSums of(
      CorrectnessMatrix answers,
      FloatMatrix probabilities,
      AnswerCounts training,
      Optional<NeighborVotes> votes) {
    ForecastSums all = new ForecastSums(answers);
    for (int j = 0; j < answers.questionCount(); j++) {
      String benchmark = answers.questions().get(j).benchmark();
      all.benchmarkOf[j] = all.benchmarks.indexOf(benchmark);
      for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
        int model = answers.cellModel(c);
        all.probabilities[c] = probabilities.get(j, model);
        all.scores[c] = answers.cellScore(c);
        all.hits[c] = agrees(c, all.probabilities[c] >= 0.5f, answers);
        all.rights[c] = CorrectnessMatrix.isCorrect(all.scores[c]) ? 1f : 0f;
        all.add(j, HIT, all.hits[c]);
        all.add(j, LOG_LOSS, logLoss(all.probabilities[c], all.scores[c]));
        double error = (double) all.probabilities[c] - all.scores[c];
        all.add(j, BRIER, error * error);
        all.add(j, MAJORITY, agrees(c, training.majority(model), answers));
        all.add(j, BENCHMARK_MAJORITY, agrees(c, training.majority(model, benchmark), answers));
        if (votes.isPresent()) {
          all.add(j, NEIGHBORS, agrees(c, votes.get().right(j, model, training), answers));
        }
      }
    }
    return all;
  }

  private void add(int question, int number, double value) {
    sums[question * WHOLE + number] += value;
  }

  private static int agrees(int cell, boolean right, CorrectnessMatrix answers) {
    return right == CorrectnessMatrix.isCorrect(answers.cellScore(cell)) ? 1 : 0;
  }

  private static double logLoss(float probability, float score) {
    double p = Math.clamp((double) probability, SMALLEST, 1 - SMALLEST);
    return -score * Math.log(p) - (1 - score) * Math.log1p(-p);
  }

  @Override
  public void compute(int[] counts, double[] into) {
    double cells = 0;
    double[] whole = new double[WHOLE];
    double[] agreeing = new double[benchmarks.size()];
    double[] weights = new double[benchmarks.size()];
    int m = answers.modelCount();
    double[] perModel = new double[modelSums.width()];
    for (int j = 0; j < counts.length; j++) {
      int count = counts[j];
      if (count == 0) {
        continue;
      }
      int observed = answers.cellCount(j);
      cells += (double) count * observed;
      for (int k = 0; k < WHOLE; k++) {
        whole[k] += count * sums[j * WHOLE + k];
      }
      if (benchmarkOf[j] >= 0) {
        agreeing[benchmarkOf[j]] += count * sums[j * WHOLE + HIT];
        weights[benchmarkOf[j]] += (double) count * observed;
      }
      modelSums.add(j, count, perModel, 0);
    }
    for (int k = 0; k < WHOLE; k++) {
      into[k] = whole[k] / cells;
    }
    for (int b = 0; b < agreeing.length; b++) {
      into[benchmarkColumn(b)] = agreeing[b] / weights[b];
    }
    for (int i = 0; i < m; i++) {
      for (int k = 0; k < PER_MODEL; k++) {
        into[modelColumn(i) + k] = perModel[k * m + i] / perModel[PER_MODEL * m + i];
      }
    }
  }

  /// Shares that are the same in all resamples have the score interval of as many trials as there
  /// are questions; log loss and Brier score have none then.
  @Override
  public Interval degenerate(int number, double value) {
    if (number == LOG_LOSS || number == BRIER) {
      return Interval.UNKNOWN;
    }
    boolean ofBenchmark = number >= WHOLE && number < modelColumn(0);
    int trials = 0;
    for (int j = 0; j < benchmarkOf.length; j++) {
      boolean own = !ofBenchmark || benchmarkOf[j] == number - WHOLE;
      trials += own && answers.cellCount(j) > 0 ? 1 : 0;
    }
    if (number >= modelColumn(0)) {
      trials = modelCells((number - modelColumn(0)) / PER_MODEL);
    }
    return Interval.ofShare(value, trials);
  }

  int width() {
    return modelColumn(answers.modelCount());
  }

  int benchmarkColumn(int benchmark) {
    return WHOLE + benchmark;
  }

  int modelColumn(int model) {
    return WHOLE + benchmarks.size() + PER_MODEL * model;
  }

  List<String> benchmarks() {
    return benchmarks;
  }

  int benchmarkCells(int benchmark) {
    int cells = 0;
    for (int j = 0; j < benchmarkOf.length; j++) {
      cells += benchmarkOf[j] == benchmark ? answers.cellCount(j) : 0;
    }
    return cells;
  }

  int modelCells(int model) {
    int cells = 0;
    for (int c = 0; c < answers.cellCount(); c++) {
      cells += answers.cellModel(c) == model ? 1 : 0;
    }
    return cells;
  }

  int observedModels() {
    int observed = 0;
    for (int i = 0; i < answers.modelCount(); i++) {
      observed += modelCells(i) > 0 ? 1 : 0;
    }
    return observed;
  }

  /// `[cells]`, not a copy.
  float[] cellProbabilities() {
    return probabilities;
  }

  /// `[cells]`, not a copy.
  float[] cellScores() {
    return scores;
  }

  /// `[cells]` the question each cell answers.
  int[] cellQuestions() {
    int[] questions = new int[answers.cellCount()];
    for (int j = 0; j < answers.questionCount(); j++) {
      Arrays.fill(questions, answers.firstCell(j), answers.firstCell(j + 1), j);
    }
    return questions;
  }
}
