package org.embedllm.factorization;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.tensor.FloatMatrix;

/// What the answers of a pool say about the questions it has answered: a difficulty and a
/// discrimination for each, with their uncertainty. A newcomer's answers to these questions say
/// more than their text alone could. Immutable.
public final class KnownQuestions {
  /*
   * logit P(model i answers j) = b_j + a_j θ_i (+ δ of the model on j's benchmark, for newcomers):
   * the two-parameter logistic model (Birnbaum, 1968), Bayesian in (b_j, a_j).
   *
   * Because (b_j, a_j) is known with covariance C_j only, probabilities are integrated over it with
   * MacKay's approximation: sigmoid(κ_j (b_j + a_j θ)), κ_j = 1 / sqrt(1 + π s_j² / 8), with
   * s_j² = C_bb + C_aa, its mean over θ ~ N(0, 1). κ_j does not depend on the newcomer, so that its
   * problem stays convex.
   */
  private static final int COLUMNS = 5;

  private final List<Question> questions;
  private final List<String> benchmarks;
  private final int[] benchmarkOf; // [n], −1 for none
  private final FloatMatrix parameters; // [n, 5]: b, a, C_bb, C_ba, C_aa
  private final double benchmarkVariance; // τ²
  private final double[] offsets; // [n] κ b
  private final double[] slopes; // [n] κ a

  private KnownQuestions(
      List<Question> questions, FloatMatrix parameters, double benchmarkVariance) {
    if (parameters.rows() != questions.size() || parameters.columns() != COLUMNS) {
      throw new IllegalArgumentException(
          "%s does not describe %d questions by 5 numbers".formatted(parameters, questions.size()));
    }
    this.questions = List.copyOf(questions);
    this.parameters = parameters;
    this.benchmarkVariance = benchmarkVariance;
    int n = questions.size();
    List<String> names =
        new ArrayList<>(
            new java.util.TreeSet<>(questions.stream().map(Question::benchmark).toList()));
    names.remove(Question.NO_BENCHMARK);
    this.benchmarks = List.copyOf(names);
    this.benchmarkOf = new int[n];
    this.offsets = new double[n];
    this.slopes = new double[n];
    for (int j = 0; j < n; j++) {
      benchmarkOf[j] = java.util.Collections.binarySearch(names, questions.get(j).benchmark());
      double spread = parameters.get(j, 2) + parameters.get(j, 4);
      double kappa = 1 / Math.sqrt(1 + Math.PI * spread / 8);
      offsets[j] = kappa * parameters.get(j, 0);
      slopes[j] = kappa * parameters.get(j, 1);
    }
  }

  /// Fits difficulties and discriminations to a pool's answers.
  ///
  /// @param inputs [n, k], what the text of each question says (the row problem's inputs): the mean
  ///   of its difficulty is a linear function of them
  public static KnownQuestions fit(CorrectnessMatrix train, FloatMatrix inputs) {
    FloatMatrix parameters = new TwoParameterFit(train, inputs).run();
    double variance = 0.05;
    for (int round = 0; round < 3; round++) {
      variance =
          benchmarkVariance(train, new KnownQuestions(train.questions(), parameters, variance));
    }
    return new KnownQuestions(train.questions(), parameters, (float) variance);
  }

  private static double benchmarkVariance(CorrectnessMatrix train, KnownQuestions known) {
    int groups = known.benchmarks.size();
    if (groups == 0) {
      return 1e-3;
    }
    double sum = 0;
    int count = 0;
    for (Answers answers : Answers.byModel(train)) {
      if (answers.count() > 0) {
        RowPosterior posterior = known.ability(answers).posterior();
        for (int b = 0; b < groups; b++) {
          double deviation = posterior.mean()[1 + b];
          sum += deviation * deviation + posterior.covariance()[(1 + b) * (2 + groups)];
          count++;
        }
      }
    }
    return Math.max(1e-3, sum / Math.max(1, count));
  }

  /// As they were kept with [#tensor].
  ///
  /// @param benchmarkVariance τ², variance of a model's deviation on a benchmark, in logits squared
  public static KnownQuestions of(
      List<Question> questions, FloatMatrix tensor, double benchmarkVariance) {
    return new KnownQuestions(questions, tensor, benchmarkVariance);
  }

  /// Difficulty, discrimination and their covariance (3 values), [n, 5].
  public FloatMatrix tensor() {
    return parameters;
  }

  /// τ², variance of a model's deviation on a benchmark, in logits squared.
  public double benchmarkVariance() {
    return benchmarkVariance;
  }

  /// The questions, in row order.
  public List<Question> questions() {
    return questions;
  }

  /// Names of the benchmarks, sorted.
  public List<String> benchmarks() {
    return benchmarks;
  }

  /// Index of a question's benchmark in [#benchmarks], or −1.
  int benchmarkOf(int question) {
    return Math.max(-1, benchmarkOf[question]);
  }

  double offset(int question) {
    return offsets[question];
  }

  double slope(int question) {
    return slopes[question];
  }

  /// Length of the vector of an ability: one general ability and one deviation a benchmark.
  int abilityDimension() {
    return 1 + benchmarks.size();
  }

  Gaussian abilityPrior() {
    double[] variances = new double[abilityDimension()];
    java.util.Arrays.fill(variances, benchmarkVariance);
    variances[0] = 1;
    return Gaussian.ofVariances(new double[variances.length], variances);
  }

  /// The input of a question in the ability problem, [1 + benchmarks].
  double[] abilityInput(int question) {
    double[] input = new double[abilityDimension()];
    input[0] = slopes[question];
    if (benchmarkOf(question) >= 0) {
      input[1 + benchmarkOf[question]] = 1;
    }
    return input;
  }

  /// A model's ability from its answers; the order of the answers has no influence.
  public Ability ability(Answers answers) {
    Answers sorted = answers.sorted();
    int width = abilityDimension();
    double[] inputs = new double[sorted.count() * width];
    double[] at = new double[sorted.count()];
    double[] scores = new double[sorted.count()];
    for (int a = 0; a < at.length; a++) {
      int j = sorted.question(a);
      System.arraycopy(abilityInput(j), 0, inputs, a * width, width);
      at[a] = offsets[j];
      scores[a] = sorted.score(a);
    }
    return new Ability(this, sorted, RowSolver.solve(inputs, at, scores, abilityPrior()));
  }
}
