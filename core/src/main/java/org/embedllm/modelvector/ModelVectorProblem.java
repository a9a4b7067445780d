package org.embedllm.modelvector;

import java.util.Arrays;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.ItemParameters;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.logistic.Gaussian;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.logistic.LogisticObservations;
import org.embedllm.logistic.PenalizedLogisticRegression;
import org.embedllm.tensor.FloatMatrix;

/// The convex problem of one model's vector while everything else is fixed. The vectors of a
/// trained pool and those of new models solve the same problem. Immutable.
public final class ModelVectorProblem {
  /*
   * Loss: logistic over u_jᵀ x, a graded score with its weight (ScoreDispersion), u_j [k] the features of question j's text. Prior: ModelVectorPrior
   * at the model's ability, which other models' answers to the same questions determine.
   *
   * A vector trained with the pool solves this problem over all known questions. Where a new model
   * answered only some, perhaps the most informative ones, the others count as its ability predicts
   * them, with p_j in place of an answer and the weight
   *
   *   ω = max(0, 1 − 2 answered / known) · answered / (answered + answers to other questions)
   *
   * which is 0 once half of the questions are answered. Their sum counts as its Gaussian around the
   * most probable vector (PredictedAnswers), so that a model costs as much as it has answers. A prediction is no observation: the
   * covariance counts the answers only.
   */
  private static final double[] NONE = new double[0];

  private final ItemParameters known;
  private final FloatMatrix inputs; // [n, k]
  private final ModelVectorPrior prior;
  private final PredictedAnswers predicted;

  /// @param inputs `[n, k]`, a row for each known question
  public ModelVectorProblem(ItemParameters known, FloatMatrix inputs, ModelVectorPrior prior) {
    this(known, inputs, prior, new PredictedAnswers(known, inputs));
  }

  private ModelVectorProblem(
      ItemParameters known,
      FloatMatrix inputs,
      ModelVectorPrior prior,
      PredictedAnswers predicted) {
    this.predicted = predicted;
    this.known = known;
    this.inputs = inputs;
    this.prior = prior;
    if (inputs.rows() != known.questions().size() || inputs.columns() != prior.dimension()) {
      throw new IllegalArgumentException(
          "%s does not fit %d questions and vectors of %d"
              .formatted(inputs, known.questions().size(), prior.dimension()));
    }
  }

  /// The same problem with another prior.
  ModelVectorProblem with(ModelVectorPrior other) {
    return new ModelVectorProblem(known, inputs, other, predicted);
  }

  public ItemParameters known() {
    return known;
  }

  public ModelVectorPrior prior() {
    return prior;
  }

  /// k, the length of a vector.
  public int dimension() {
    return prior.dimension();
  }

  /// A model's vector from answers to known questions.
  public LaplacePosterior solve(ItemResponses answers) {
    Ability ability = known.ability(answers);
    return solve(answers, ability, gaussian(ability).mean());
  }

  /// A model's vector from answers to known questions.
  ///
  /// @param start starting point, `[k]`
  LaplacePosterior solve(ItemResponses answers, Ability ability, double[] start) {
    return solve(
        answers, ability, FloatMatrix.wrap(0, prior.dimension(), new float[0]), NONE, start);
  }

  /// A model's vector from answers to known questions and to others.
  ///
  /// @param texts `[count, k]`, projected features of questions that the pool has not answered
  /// @param scores `[count]`, the answers to these, in `[0, 1]`
  public LaplacePosterior solve(ItemResponses answers, FloatMatrix texts, double[] scores) {
    return solve(answers, known.ability(answers), texts, scores);
  }

  /// A model's vector from answers to known questions and to others.
  ///
  /// @param ability from the answers to known questions
  /// @param texts `[count, k]`, projected features of questions that the pool has not answered
  /// @param scores `[count]`, the answers to these, in `[0, 1]`
  public LaplacePosterior solve(
      ItemResponses answers, Ability ability, FloatMatrix texts, double[] scores) {
    return solve(answers, ability, texts, scores, gaussian(ability).mean());
  }

  /// The prior of a model of some ability.
  Gaussian gaussian(Ability ability) {
    return prior.at(ability.value(), ability.variance());
  }

  private LaplacePosterior solve(
      ItemResponses answers,
      Ability ability,
      FloatMatrix texts,
      double[] textScores,
      double[] start) {
    int k = prior.dimension();
    int n = known.questions().size();
    ItemResponses sorted = answers.sorted();
    int seen = sorted.count() + textScores.length;
    float[] own = new float[seen * k];
    double[] scores = new double[seen];
    double[] weights = new double[seen];
    Arrays.fill(weights, known.dispersion().weight(1));
    for (int a = 0; a < sorted.count(); a++) {
      copy(inputs, sorted.question(a), own, a);
      scores[a] = sorted.score(a);
      weights[a] = known.dispersion().weight(sorted.repeats(a));
    }
    for (int a = 0; a < textScores.length; a++) {
      copy(texts, a, own, sorted.count() + a);
      scores[sorted.count() + a] = textScores[a];
    }
    LogisticObservations observed = LogisticObservations.of(k, own, scores, weights);
    Gaussian gaussian = gaussian(ability);
    double share = sorted.count() / (double) Math.max(1, n);
    double weight = seen == 0 ? 0 : Math.max(0, 1 - 2 * share) * sorted.count() / seen;
    if (weight == 0) {
      return PenalizedLogisticRegression.solve(observed, gaussian, start);
    }
    Gaussian expected = predicted.at(ability, weight * (1 - share));
    LaplacePosterior solved =
        PenalizedLogisticRegression.solve(observed, gaussian.times(expected), start);
    return PenalizedLogisticRegression.covariance(observed, gaussian, solved.mean());
  }

  private static void copy(FloatMatrix from, int row, float[] to, int toRow) {
    int k = from.columns();
    System.arraycopy(from.sharedArray(), row * k, to, toRow * k, k);
  }
}
