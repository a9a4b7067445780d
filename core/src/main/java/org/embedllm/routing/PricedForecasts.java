package org.embedllm.routing;

import java.util.Arrays;
import java.util.Optional;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.tensor.FloatMatrix;

/// Forecasts for some questions, the cost of a call to each model, and the observed answers. The
/// candidates on a question are the models with an observed answer to it and a known price.
/// Immutable.
public final class PricedForecasts {
  private final CorrectnessMatrix answers;
  private final FloatMatrix probabilities; // [n, m]
  private final double[][] costs; // [n, m], expected before a call; NaN where unknown
  private final double[][] actual; // [n, m], what the call took; NaN where unknown
  private final boolean[] priced; // [m]
  private final AnswerCounts training;

  /// Every call to a model costs the same.
  ///
  /// @param answers the observed answers, [m, n]
  /// @param probabilities the forecasts, [n, m], models in the order of `answers`
  /// @param costs expected USD of one call to each model, `[m]`; NaN where unknown
  /// @param training answer counts of the training questions: they name the single best model
  public PricedForecasts(
      CorrectnessMatrix answers, FloatMatrix probabilities, double[] costs, AnswerCounts training) {
    this(
        answers,
        probabilities,
        repeated(costs, answers.questionCount()),
        Optional.empty(),
        training);
  }

  /// What a call is expected to cost depends on the model and the prompt, and what it did cost may
  /// be known.
  ///
  /// @param answers the observed answers, [m, n]
  /// @param probabilities the forecasts, [n, m], models in the order of `answers`
  /// @param expected USD of a call before it is made, [n, m]; NaN where unknown
  /// @param actual USD that the call took, [n, m]; NaN where unknown: the expected one counts
  /// @param training answer counts of the training questions: they name the single best model
  public static PricedForecasts of(
      CorrectnessMatrix answers,
      FloatMatrix probabilities,
      FloatMatrix expected,
      FloatMatrix actual,
      AnswerCounts training) {
    return new PricedForecasts(
        answers, probabilities, rows(expected), Optional.of(rows(actual)), training);
  }

  private static double[][] rows(FloatMatrix matrix) {
    double[][] rows = new double[matrix.rows()][matrix.columns()];
    for (int j = 0; j < rows.length; j++) {
      for (int i = 0; i < rows[j].length; i++) {
        rows[j][i] = matrix.get(j, i);
      }
    }
    return rows;
  }

  /// The cost of a call also depends on the prompt: prices per token, with lengths estimated from
  /// the texts of the questions.
  ///
  /// @param answers the observed answers, [m, n]
  /// @param probabilities the forecasts, [n, m], models in the order of `answers`
  /// @param prices of the models, as far as they are known
  /// @param outputTokens expected length of an answer
  /// @param training answer counts of the training questions: they name the single best model
  public static PricedForecasts of(
      CorrectnessMatrix answers,
      FloatMatrix probabilities,
      ModelPrices prices,
      double outputTokens,
      AnswerCounts training) {
    double[][] costs = new double[answers.questionCount()][];
    for (int j = 0; j < costs.length; j++) {
      double tokens = ModelPrices.estimatedTokens(answers.questions().get(j).text());
      costs[j] =
          answers.models().stream()
              .mapToDouble(model -> prices.cost(model, tokens, outputTokens))
              .toArray();
    }
    return new PricedForecasts(answers, probabilities, costs, Optional.empty(), training);
  }

  private PricedForecasts(
      CorrectnessMatrix answers,
      FloatMatrix probabilities,
      double[][] costs,
      Optional<double[][]> actual,
      AnswerCounts training) {
    this.answers = answers;
    this.probabilities = probabilities;
    this.costs = costs;
    this.actual = actual.orElse(costs);
    this.training = training;
    int m = answers.modelCount();
    if (Arrays.stream(costs).anyMatch(row -> row.length != m)
        || probabilities.rows() != answers.questionCount()
        || probabilities.columns() != m
        || !training.models().equals(answers.models())) {
      throw new IllegalArgumentException(
          "%s costs, %s and counts of %d models do not fit %s"
              .formatted(
                  costs.length == 0 ? "no" : Integer.toString(costs[0].length),
                  probabilities,
                  training.models().size(),
                  answers));
    }
    if (Arrays.stream(costs)
        .flatMapToDouble(Arrays::stream)
        .anyMatch(cost -> cost < 0 || Double.isInfinite(cost))) {
      throw new IllegalArgumentException("a cost is finite and not negative");
    }
    this.priced = new boolean[m];
    for (double[] row : costs) {
      for (int i = 0; i < m; i++) {
        priced[i] |= !Double.isNaN(row[i]);
      }
    }
    boolean any = false;
    for (boolean known : priced) {
      any |= known;
    }
    if (!any && costs.length > 0) {
      throw new IllegalArgumentException("no model has a known price");
    }
  }

  private static double[][] repeated(double[] costs, int questions) {
    double[] row = costs.clone();
    double[][] rows = new double[questions][];
    Arrays.fill(rows, row);
    return rows;
  }

  public CorrectnessMatrix answers() {
    return answers;
  }

  /// Forecast probability of a right answer.
  double probability(int question, int model) {
    return probabilities.get(question, model);
  }

  /// Expected USD of a call; NaN where unknown.
  ///
  /// @param question its row in the answers
  public double cost(int question, int model) {
    return costs[question][model];
  }

  /// USD that a call took, or was expected to take where that is not known; NaN where neither is.
  double actualCost(int question, int model) {
    double took = actual[question][model];
    return Double.isNaN(took) ? costs[question][model] : took;
  }

  /// Whether the chosen model was right on each question, 1 or 0; NaN without one.
  double[] right(int[] choices) {
    double[] right = new double[choices.length];
    for (int j = 0; j < right.length; j++) {
      right[j] =
          choices[j] < 0
              ? Double.NaN
              : CorrectnessMatrix.isCorrect(answers.score(choices[j], j)) ? 1 : 0;
    }
    return right;
  }

  /// USD of the chosen model's call on each question; NaN without one.
  double[] costs(int[] choices) {
    double[] spent = new double[choices.length];
    for (int j = 0; j < spent.length; j++) {
      spent[j] = choices[j] < 0 ? Double.NaN : actualCost(j, choices[j]);
    }
    return spent;
  }

  AnswerCounts training() {
    return training;
  }

  /// All models with a known price.
  boolean[] priced() {
    return priced.clone();
  }

  /// The candidate with the highest `probability − price · cost` on each question; ties go to the
  /// cheaper model.
  ///
  /// @param price of one dollar in probability, not negative: 0 looks at quality alone
  /// @param allowed `[m]` models that may be called
  /// @return `[n]`; −1 on a question without candidates
  int[] choose(double price, boolean[] allowed) {
    int[] choices = new int[answers.questionCount()];
    for (int j = 0; j < choices.length; j++) {
      choices[j] = best(j, 1, price, allowed);
    }
    return choices;
  }

  /// The allowed candidate with the highest `weight · probability − price · cost`; −1 without any.
  private int best(int question, double weight, double price, boolean[] allowed) {
    double[] own = costs[question];
    int best = -1;
    double highest = Double.NEGATIVE_INFINITY;
    for (int c = answers.firstCell(question); c < answers.firstCell(question + 1); c++) {
      int i = answers.cellModel(c);
      if (allowed[i] && !Double.isNaN(own[i])) {
        double value = weight * probability(question, i) - price * own[i];
        if (value > highest || (value == highest && own[i] < own[best])) {
          highest = value;
          best = i;
        }
      }
    }
    return best;
  }

  /// What [RoutingPolicy.Dial] chooses on each question: the candidate with the highest `q ·
  /// probability − (1 − q) · cost / highest cost of a candidate`; ties go to the cheaper model.
  ///
  /// @param quality q, in [0, 1]
  /// @param allowed `[m]` models that may be called
  /// @return `[n]`; −1 on a question without candidates
  int[] dial(double quality, boolean[] allowed) {
    int[] choices = new int[answers.questionCount()];
    for (int j = 0; j < choices.length; j++) {
      double dearest = 0;
      for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
        int i = answers.cellModel(c);
        dearest = allowed[i] && costs[j][i] > dearest ? costs[j][i] : dearest;
      }
      choices[j] = best(j, quality, dearest > 0 ? (1 - quality) / dearest : 0, allowed);
    }
    return choices;
  }

  /// The cheapest candidate with at least a probability, otherwise the most likely one.
  ///
  /// @return `[n]`; −1 on a question without candidates
  int[] cheapest(double target) {
    int[] choices = choose(0, priced());
    for (int j = 0; j < choices.length; j++) {
      for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
        int i = answers.cellModel(c);
        if (!Double.isNaN(costs[j][i])
            && probability(j, i) >= target
            && (costs[j][i] < costs[j][choices[j]] || probability(j, choices[j]) < target)) {
          choices[j] = i;
        }
      }
    }
    return choices;
  }

  /// The single best model on each question, as [SingleBest] has it, among priced candidates.
  int[] singleBest() {
    SingleBest best = SingleBest.overall(training);
    int[] choices = new int[answers.questionCount()];
    for (int j = 0; j < choices.length; j++) {
      int model = best.model(answers, j).orElse(-1);
      choices[j] = model >= 0 && Double.isNaN(costs[j][model]) ? -1 : model;
    }
    return choices;
  }

  /// Mean cost and share of right answers of some choices.
  CostCurve.Point point(String policy, int[] choices) {
    double cost = 0;
    double right = 0;
    int count = 0;
    for (int j = 0; j < choices.length; j++) {
      if (choices[j] >= 0) {
        cost += actualCost(j, choices[j]);
        right += CorrectnessMatrix.isCorrect(answers.score(choices[j], j)) ? 1 : 0;
        count++;
      }
    }
    return new CostCurve.Point(
        policy, count == 0 ? Double.NaN : cost / count, count == 0 ? Double.NaN : right / count);
  }

  /// Mean expected cost of choices made at a price: what a user would have expected.
  double meanCost(double price) {
    int[] choices = choose(price, priced());
    double cost = 0;
    int count = 0;
    for (int j = 0; j < choices.length; j++) {
      if (choices[j] >= 0) {
        cost += costs[j][choices[j]];
        count++;
      }
    }
    return count == 0 ? Double.NaN : cost / count;
  }
}
