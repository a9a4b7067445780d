package org.embedllm.factorization;

import org.embedllm.tensor.FloatMatrix;

/// The convex problem of one model's vector, everything else being fixed. The rows of a trained
/// pool and the rows of models that arrive later are solutions of this one problem. Immutable.
public final class RowProblem {
  /*
   * Loss: logistic over o_j + u_jᵀ x, u_j [k] what the text of question j says. Prior: RowPrior at
   * the model's ability, which its answers tell through the other models' answers.
   *
   * Where only some known questions were answered they may have been picked for being informative:
   * their text then says less than the pool's answers do. The offset
   *
   *   o_j = ω (κ_j (b_j + a_j θ) − u_jᵀ (mean + slope θ)),   ω = max(0, 1 − 2 answered / known)
   *
   * is what is known of the question for a model of this ability beyond its text. With half of the
   * questions answered there is nothing left to correct, and the problem is text alone.
   */
  private static final double[] NONE = new double[0];

  private final KnownQuestions known;
  private final FloatMatrix inputs; // [n, k]
  private final RowPrior prior;

  /// @param inputs [n, k], a row for each known question
  public RowProblem(KnownQuestions known, FloatMatrix inputs, RowPrior prior) {
    this.known = known;
    this.inputs = inputs;
    this.prior = prior;
    if (inputs.rows() != known.questions().size() || inputs.columns() != prior.dimension()) {
      throw new IllegalArgumentException(
          "%s does not fit %d questions and vectors of %d"
              .formatted(inputs, known.questions().size(), prior.dimension()));
    }
  }

  public KnownQuestions known() {
    return known;
  }

  public RowPrior prior() {
    return prior;
  }

  /// k, the length of a vector.
  public int dimension() {
    return prior.dimension();
  }

  /// A model's vector from answers to known questions.
  public RowPosterior solve(Answers answers) {
    return solve(answers, known.ability(answers));
  }

  RowPosterior solve(Answers answers, Ability ability) {
    return solve(answers, ability, FloatMatrix.wrap(0, prior.dimension(), new float[0]), NONE);
  }

  /// A model's vector from answers to known questions and to others.
  ///
  /// @param texts [count, k], projected features of questions that the pool has not answered
  /// @param scores [count], the answers to these, in [0, 1]
  public RowPosterior solve(Answers answers, FloatMatrix texts, double[] scores) {
    return solve(answers, known.ability(answers), texts, scores);
  }

  private RowPosterior solve(
      Answers answers, Ability ability, FloatMatrix texts, double[] textScores) {
    int k = prior.dimension();
    Answers sorted = answers.sorted();
    int count = sorted.count();
    int all = count + textScores.length;
    double share = Math.max(0, 1 - 2.0 * count / Math.max(1, known.questions().size()));
    Gaussian gaussian = prior.at(ability.value(), ability.variance());
    double[] own = new double[all * k];
    double[] offsets = new double[all];
    double[] scores = new double[all];
    for (int a = 0; a < count; a++) {
      int j = sorted.question(a);
      double text = 0;
      for (int c = 0; c < k; c++) {
        own[a * k + c] = inputs.get(j, c);
        text += own[a * k + c] * gaussian.mean()[c];
      }
      offsets[a] = share * (known.offset(j) + known.slope(j) * ability.value() - text);
      scores[a] = sorted.score(a);
    }
    for (int a = 0; a < textScores.length; a++) {
      for (int c = 0; c < k; c++) {
        own[(count + a) * k + c] = texts.get(a, c);
      }
      scores[count + a] = textScores[a];
    }
    return RowSolver.solve(own, offsets, scores, gaussian);
  }
}
