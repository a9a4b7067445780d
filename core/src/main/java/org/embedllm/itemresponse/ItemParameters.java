package org.embedllm.itemresponse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.linalg.DenseVectors;
import org.embedllm.linalg.Logistic;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.logistic.NewtonsMethod;
import org.embedllm.logistic.ScoreDispersion;
import org.embedllm.tensor.FloatMatrix;
import org.jspecify.annotations.Nullable;

/// Difficulty and discrimination of each known question, with their uncertainty, from the pool's
/// answers. A new model's answers to these questions say more than the questions' text alone.
/// Immutable.
public final class ItemParameters {
  /*
   * logit P(model i answers j) = b_j + a_j θ_i: the two-parameter logistic model (Birnbaum, 1968),
   * Bayesian in (b_j, a_j). A new model's logit has three deviations more: δ on j's benchmark,
   * ηᵀ u_j along the first components of what j's text says, and ι, the same for all questions.
   * Without δ and η a plan would ask many questions of one kind and take what it hears for the
   * whole. Without ι the benchmarks' deviations would have to be wide: models that guess, or do not
   * follow the pool's order of difficulty, are off on all benchmarks alike.
   *
   * Because (b_j, a_j) is known with covariance C_j only, probabilities are integrated over it with
   * MacKay's approximation: sigmoid(κ_j (b_j + a_j θ)), κ_j = 1 / sqrt(1 + π s_j² / 8), with s_j² =
   * C_bb + C_aa, its mean over θ ~ N(0, 1). κ_j does not depend on the new model, so its problem
   * stays convex.
   */
  private static final int COLUMNS = 5;
  private static final int TEXT_COMPONENTS = 6;
  static final int MISFITS = 2;

  private final List<Question> questions;
  private final List<String> benchmarks;
  private final int[] benchmarkOf; // [n], −1 for none
  private final FloatMatrix parameters; // [n, 5]: b, a, C_bb, C_ba, C_aa
  private final FloatMatrix inputs; // [n, k], the constant first
  private final FloatMatrix variances; // [1, 1 + B + T + 1 + 2], of θ, δ, η, ι and the misfit
  private final boolean common; // whether there is ι; older files have none
  private final double[] offsets; // [n] κ b
  private final float[] slopes; // [n] κ a
  // Made when it is needed: commands that only look at a model file start sooner.
  private volatile @Nullable AbilityInputs shared;
  private final ScoreDispersion dispersion;

  private ItemParameters(
      List<Question> questions,
      FloatMatrix parameters,
      FloatMatrix inputs,
      FloatMatrix variances,
      ScoreDispersion dispersion) {
    this.dispersion = dispersion;
    int n = questions.size();
    if (parameters.rows() != n || parameters.columns() != COLUMNS || inputs.rows() != n) {
      throw new IllegalArgumentException(
          "%s and %s do not describe %d questions".formatted(parameters, inputs, n));
    }
    this.questions = List.copyOf(questions);
    this.parameters = parameters;
    this.inputs = inputs;
    List<String> names =
        new ArrayList<>(
            new java.util.TreeSet<>(questions.stream().map(Question::benchmark).toList()));
    names.remove(Question.NO_BENCHMARK);
    this.benchmarks = List.copyOf(names);
    this.variances = variances;
    int least = 1 + benchmarks.size() + textComponents(inputs);
    int more = variances.columns() - least;
    if (variances.rows() != 1 || more < 0 || more > 1 + MISFITS) {
      throw new IllegalArgumentException(
          "%s are no variances of %d numbers".formatted(variances, least));
    }
    this.common = more % 2 == 1;
    this.benchmarkOf = new int[n];
    this.offsets = new double[n];
    this.slopes = new float[n];
    for (int j = 0; j < n; j++) {
      benchmarkOf[j] =
          Math.max(-1, java.util.Collections.binarySearch(names, questions.get(j).benchmark()));
      double spread = parameters.get(j, 2) + parameters.get(j, 4);
      double kappa = 1 / Math.sqrt(1 + Math.PI * spread / 8);
      offsets[j] = kappa * parameters.get(j, 0);
      slopes[j] = (float) (kappa * parameters.get(j, 1));
    }
  }

  /// Fits difficulties and discriminations to a pool's answers, and measures the model misfit
  /// ([ModelMisfitVariance]).
  ///
  /// @param inputs `[n, k]`, the features of each question's text (the model vector problem's
  ///   inputs): the mean difficulty is a linear function of them
  public static ItemParameters fit(CorrectnessMatrix train, FloatMatrix inputs, Workers workers) {
    return fit(train, ItemResponses.byModel(train), inputs, workers);
  }

  /// The same where the answers by model are at hand.
  ///
  /// @param pool [ItemResponses#byModel] of `train`
  public static ItemParameters fit(
      CorrectnessMatrix train, List<ItemResponses> pool, FloatMatrix inputs, Workers workers) {
    return new ItemParameterFit(train, pool, inputs, workers).run();
  }

  /// Number of directions of the text that an ability has a deviation along.
  static int textComponents(FloatMatrix inputs) {
    return Math.min(TEXT_COMPONENTS, inputs.columns() - 1);
  }

  /// Restored from [#tensor] and [#variances].
  ///
  /// @param inputs `[n, k]`, the model vector problem's inputs
  public static ItemParameters of(
      List<Question> questions, FloatMatrix tensor, FloatMatrix inputs, FloatMatrix variances) {
    return new ItemParameters(questions, tensor, inputs, variances, ScoreDispersion.LABELS);
  }

  /// The same questions, whose answers have graded scores.
  ///
  /// @param scores how far these are from their expectation
  public ItemParameters withDispersion(ScoreDispersion scores) {
    return scores.equals(dispersion)
        ? this
        : new ItemParameters(questions, parameters, inputs, variances, scores);
  }

  /// How far scores are from their expectation.
  public ScoreDispersion dispersion() {
    return dispersion;
  }

  /// Difficulty, discrimination and their covariance (3 values), `[n, 5]`.
  public FloatMatrix tensor() {
    return parameters;
  }

  /// Prior variances of a new model's ability, of its deviation on each benchmark, of its
  /// deviations along the text and of that common to all questions, in logits squared; then what
  /// accuracies are off by beyond them, over all questions and on one benchmark, in accuracies
  /// squared, [1, 1 + B + T + 1 + 2].
  public FloatMatrix variances() {
    return variances;
  }

  /// The questions, in row order.
  public List<Question> questions() {
    return questions;
  }

  /// Names of the benchmarks, sorted.
  public List<String> benchmarks() {
    return benchmarks;
  }

  /// Variance of an accuracy over unasked questions beyond chance and the ability's uncertainty; 0
  /// where it was not measured.
  double misfit(boolean ofOneBenchmark) {
    int at = abilityDimension() + (ofOneBenchmark ? 1 : 0);
    return at < variances.columns() ? variances.get(0, at) : 0;
  }

  /// Index of a question's benchmark in [#benchmarks], or −1.
  int benchmarkOf(int question) {
    return benchmarkOf[question];
  }

  double offset(int question) {
    return offsets[question];
  }

  /// The factor of the general ability in the logit.
  double slope(int question) {
    return slopes[question];
  }

  /// Length of the vector of an ability: the general one, one deviation a benchmark, those along
  /// the text, and the common one.
  public int abilityDimension() {
    return 1 + benchmarks.size() + textComponents(inputs) + (common ? 1 : 0);
  }

  /// Variance of a question's part of the logit, b_j + a_j θ, from the uncertainty of (b_j, a_j).
  double variance(int question, double ability) {
    double[] c = new double[3];
    for (int k = 0; k < c.length; k++) {
      c[k] = parameters.get(question, 2 + k);
    }
    return c[0] + 2 * ability * c[1] + ability * ability * c[2];
  }

  private double[] priorVariances(AbilityPrior before) {
    double[] spread = new double[abilityDimension()];
    for (int k = 0; k < spread.length; k++) {
      spread[k] = variances.get(0, k);
    }
    spread[0] *= before.variance();
    return spread;
  }

  /// The input of a question in the ability problem, [1 + B + T + 1].
  public double[] abilityInput(int question) {
    double[] input = new double[abilityDimension()];
    abilityInput(question, input);
    return input;
  }

  /// The same without a new array.
  ///
  /// @param into [1 + B + T + 1], overwritten
  void abilityInput(int question, double[] into) {
    Arrays.fill(into, 0);
    int groups = benchmarks.size();
    int text = textComponents(inputs);
    into[0] = slopes[question];
    if (benchmarkOf[question] >= 0) {
      into[1 + benchmarkOf[question]] = 1;
    }
    for (int k = 0; k < text; k++) {
      into[1 + groups + k] = inputs.get(question, 1 + k);
    }
    if (common) {
      into[1 + groups + text] = 1;
    }
  }

  /// The inputs of all questions without the benchmarks, w = 1 + T + 1 numbers each.
  AbilityInputs sharedInputs() {
    AbilityInputs made = shared;
    if (made == null) {
      made = makeSharedInputs();
      shared = made;
    }
    return made;
  }

  private AbilityInputs makeSharedInputs() {
    int n = questions.size();
    int text = textComponents(inputs);
    int width = 1 + text + (common ? 1 : 0);
    float[] columns = new float[Math.multiplyExact(width, n)];
    System.arraycopy(slopes, 0, columns, 0, n);
    for (int k = 1; k <= text; k++) {
      for (int j = 0; j < n; j++) {
        columns[k * n + j] = inputs.get(j, k);
      }
    }
    if (common) {
      Arrays.fill(columns, (1 + text) * n, (2 + text) * n, 1f);
    }
    return AbilityInputs.of(width, n, columns);
  }

  /// A covariance of an ability, given its common deviation.
  double[] withoutCommon(double[] covariance) {
    double[] result = covariance.clone();
    int width = abilityDimension();
    int last = width - 1;
    for (int i = 0; common && i < width; i++) {
      for (int k = 0; k < width; k++) {
        result[i * width + k] -=
            covariance[i * width + last]
                * covariance[last * width + k]
                / covariance[last * width + last];
      }
    }
    return result;
  }

  /// Probability that a model answers a question correctly.
  ///
  /// @param ability of the model, [1 + B + T + 1]
  public double probability(int question, double[] ability) {
    return Logistic.sigmoid(offset(question) + alongAbility(question, ability));
  }

  /// The product of a question's input with a vector as long as an ability.
  double alongAbility(int question, double[] vector) {
    double sum = slopes[question] * vector[0];
    if (benchmarkOf[question] >= 0) {
      sum += vector[1 + benchmarkOf[question]];
    }
    int text = 1 + benchmarks.size();
    for (int k = 0; k < textComponents(inputs); k++) {
      sum += inputs.get(question, 1 + k) * vector[text + k];
    }
    return common ? sum + vector[vector.length - 1] : sum;
  }

  /// The same for all questions.
  ///
  /// @param into `[n]`, overwritten
  void alongAbility(double[] vector, double[] into) {
    AbilityInputs all = sharedInputs();
    for (int j = 0; j < into.length; j++) {
      into[j] = benchmarkOf[j] < 0 ? 0 : vector[1 + benchmarkOf[j]];
    }
    for (int i = 0; i < all.width(); i++) {
      double factor = vector[i == 0 ? 0 : benchmarks.size() + i];
      DenseVectors.addScaled(factor, all.columns(), i * into.length, into, into.length);
    }
  }

  /// A model's ability from its answers; the order of the answers has no influence.
  public Ability ability(ItemResponses answers) {
    return ability(answers, AbilityPrior.POOL);
  }

  /// A model's ability from its answers and from what was known before them.
  public Ability ability(ItemResponses answers, AbilityPrior before) {
    double[] start = new double[abilityDimension()];
    start[0] = before.mean();
    ItemResponses sorted = answers.sorted();
    return new Ability(this, sorted, posterior(sorted, before, start));
  }

  /// @param start where the search begins, `[1 + B + T + 1]`
  LaplacePosterior posterior(ItemResponses answers, AbilityPrior before, double[] start) {
    double[] mean = new double[abilityDimension()];
    mean[0] = before.mean();
    double[] precision = priorVariances(before);
    for (int k = 0; k < precision.length; k++) {
      precision[k] = 1 / precision[k];
    }
    var f = new AbilityDerivatives(this, answers, mean, precision);
    double[] mode = NewtonsMethod.minimum(f, start);
    return new LaplacePosterior(mode, f.covariance(), answers.count());
  }
}
