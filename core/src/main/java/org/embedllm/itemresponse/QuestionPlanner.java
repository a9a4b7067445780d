package org.embedllm.itemresponse;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.embedllm.linalg.DenseVectors;
import org.embedllm.linalg.Logistic;
import org.embedllm.linalg.NormalQuantile;

/// Chooses the questions to ask a new model, so that as few answers as possible determine its
/// accuracy over all known questions. Stateless; the same answers give the same plan.
public final class QuestionPlanner {
  /*
   * The model's ability x = (θ, δ, η, ι) has a posterior N(x̂, Σ); its accuracy over the known
   * questions has the variance cᵀ Σ c to first order, c = mean of p_j (1 − p_j) u_j. Asking question
   * j, whatever comes back, takes (cᵀ Σ u_j)² / (1 / (p_j (1 − p_j)) + u_jᵀ Σ u_j) off it: c-optimal
   * design (Chaloner and Verdinelli, 1995), one question after the other. x̂ stays until real
   * answers come.
   *
   * What a question tells depends on the ability, which a first plan does not know: the variance is
   * averaged over five places along θ, two standard deviations to either side, each with its own p_j
   * and Σ. So a plan made at once has questions for weak and for strong models. ι is held at its
   * mean: a plan that sets out to learn it asks questions of little discrimination, and measures θ
   * badly.
   *
   * The half-widths include chance and misfit of the unasked questions (Ability), which no choice
   * changes. Below about twice the misfit they shrink only as questions run out.
   */
  private static final int REACH = 2; // standard deviations of θ

  private final ItemParameters known;

  public QuestionPlanner(ItemParameters known) {
    this.known = known;
  }

  /// The next questions to ask.
  ///
  /// @param questions rows of the questions, the most informative first
  /// @param halfWidth of the 95 % interval of the accuracy before asking
  /// @param expectedHalfWidth of it once they are answered
  /// @param complete whether the wanted half-width is reached already, so nothing needs to be asked
  public record Plan(
      List<Integer> questions, double halfWidth, double expectedHalfWidth, boolean complete) {
    public Plan {
      questions = List.copyOf(questions);
    }
  }

  /// Plans a batch.
  ///
  /// @param answers the answers so far
  /// @param budget most questions to ask
  /// @param wantedHalfWidth stop as soon as the half-width is expected to be at most this; 0 to use
  ///   the whole budget
  /// @param allowed which known questions may be asked
  public Plan plan(
      ItemResponses answers, int budget, double wantedHalfWidth, IntPredicate allowed) {
    Ability ability = known.ability(answers);
    int n = known.questions().size();
    boolean[] unseen = new boolean[n];
    boolean[] open = new boolean[n];
    int left = 0;
    for (int j = 0; j < n; j++) {
      unseen[j] = !ability.answered(j);
      open[j] = unseen[j] && allowed.test(j);
      left += unseen[j] ? 1 : 0;
    }
    double misfit = known.misfit(ability.unseen(j -> unseen[j]).ofOneBenchmark());
    List<Node> nodes = nodes(ability, unseen);
    double[] sigma = ability.posterior().covariance();
    Node whole = new Node(ability.posterior().mean(), sigma, variances(sigma), unseen);
    double before = NormalQuantile.TWO_SIDED_95 * Math.sqrt(whole.variance(misfit, left));
    double expected = before;
    List<Integer> chosen = new ArrayList<>();
    while (chosen.size() < budget && expected > wantedHalfWidth) {
      int best = best(open, nodes);
      if (best < 0) {
        break;
      }
      chosen.add(best);
      open[best] = false;
      nodes.forEach(node -> node.ask(best));
      whole.ask(best);
      left--;
      expected = NormalQuantile.TWO_SIDED_95 * Math.sqrt(whole.variance(misfit, left));
    }
    return new Plan(chosen, before, expected, before <= wantedHalfWidth);
  }

  private List<Node> nodes(Ability ability, boolean[] unseen) {
    double[] mean = ability.posterior().mean();
    double[] sigma = known.withoutCommon(ability.posterior().covariance());
    double[] variances = variances(sigma);
    double spread = Math.sqrt(sigma[0]);
    List<Node> nodes = new ArrayList<>();
    for (int step = -REACH; step <= REACH; step++) {
      double[] x = mean.clone();
      for (int k = 0; k < x.length; k++) {
        x[k] += step * sigma[k] / spread;
      }
      nodes.add(new Node(x, sigma.clone(), variances.clone(), unseen));
    }
    return nodes;
  }

  private static int best(boolean[] open, List<Node> nodes) {
    int best = -1;
    double most = 0;
    for (int j = 0; j < open.length; j++) {
      if (open[j]) {
        double gain = 0;
        for (Node node : nodes) {
          gain += node.gain(j);
        }
        if (gain > most) {
          most = gain;
          best = j;
        }
      }
    }
    return best;
  }

  /// What asking does if the ability is at one place.
  private final class Node {
    private final double[] weights; // p (1 − p) [n]
    private final double[] gradient; // c [width]
    private final double[] sigma; // Σ [width, width]
    private final double[] variances; // uᵀ Σ u [n]
    private final double[] covariances; // cᵀ Σ u [n]
    private final double[] along; // scratch [n]
    private double accuracy; // cᵀ Σ c
    private double chance; // of what is not asked, over n²

    /// @param sigma Σ [width, width], changed by [#ask]
    /// @param variances uᵀ Σ u of all questions `[n]`, changed by [#ask]
    Node(double[] x, double[] sigma, double[] variances, boolean[] unseen) {
      int n = unseen.length;
      int width = x.length;
      this.sigma = sigma;
      this.variances = variances;
      this.weights = new double[n];
      this.gradient = new double[width];
      this.along = new double[n];
      double[] input = new double[width];
      known.alongAbility(x, along);
      for (int j = 0; j < n; j++) {
        double p = Logistic.sigmoid(known.offset(j) + along[j]);
        weights[j] = p * (1 - p);
        if (unseen[j]) {
          known.abilityInput(j, input);
          for (int k = 0; k < width; k++) {
            gradient[k] += weights[j] * input[k] / n;
          }
          chance += weights[j] / n / n;
        }
      }
      double[] product = product(sigma, gradient);
      accuracy = DenseVectors.dot(gradient, product);
      this.covariances = new double[n];
      known.alongAbility(product, covariances);
    }

    double gain(int j) {
      return covariances[j] * covariances[j] / (1 / weights[j] + variances[j]);
    }

    /// Variance of the accuracy, with misfit of what is left.
    double variance(double misfit, int left) {
      double share = (double) left / weights.length;
      return Math.max(0, accuracy + chance + misfit * share * share);
    }

    /// Brings everything forward by one question, a rank-one update of Σ.
    void ask(int question) {
      double[] product = product(sigma, known.abilityInput(question));
      double variance = 1 / weights[question] + variances[question];
      double change = DenseVectors.dot(gradient, product);
      known.alongAbility(product, along);
      for (int j = 0; j < weights.length; j++) {
        variances[j] -= along[j] * along[j] / variance;
        covariances[j] -= along[j] * change / variance;
      }
      int width = product.length;
      for (int i = 0; i < width; i++) {
        for (int k = 0; k < width; k++) {
          sigma[i * width + k] -= product[i] * product[k] / variance;
        }
      }
      accuracy -= change * change / variance;
      chance -= weights[question] / weights.length / weights.length;
    }
  }

  /// uᵀ Σ u of all questions, `[n]`.
  private double[] variances(double[] sigma) {
    int width = known.abilityDimension();
    double[] variances = new double[known.questions().size()];
    double[] input = new double[width];
    int[] places = new int[width]; // where the input is not 0: of all benchmarks, one
    for (int j = 0; j < variances.length; j++) {
      known.abilityInput(j, input);
      int count = 0;
      for (int k = 0; k < width; k++) {
        if (input[k] != 0) {
          places[count++] = k;
        }
      }
      double sum = 0;
      for (int i = 0; i < count; i++) {
        int row = places[i] * width;
        double product = 0;
        for (int k = 0; k < count; k++) {
          product += sigma[row + places[k]] * input[places[k]];
        }
        sum += input[places[i]] * product;
      }
      variances[j] = sum;
    }
    return variances;
  }

  private static double[] product(double[] sigma, double[] x) {
    int width = x.length;
    double[] result = new double[width];
    for (int k = 0; k < width; k++) {
      if (x[k] != 0) {
        for (int i = 0; i < width; i++) {
          result[i] += sigma[i * width + k] * x[k];
        }
      }
    }
    return result;
  }
}
