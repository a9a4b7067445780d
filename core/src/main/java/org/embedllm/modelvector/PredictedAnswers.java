package org.embedllm.modelvector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.ItemParameters;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.Gaussian;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.tensor.FloatMatrix;

/// What a model of some ability is expected to answer to all known questions, as a Gaussian over
/// its vector. Its cost for a model does not depend on the number of questions.
final class PredictedAnswers {
  /*
   * Answers counted as predicted add
   *
   *   Σ_j [softplus(u_jᵀ x) − p_j u_jᵀ x],   p_j = sigmoid(o_j + a_jᵀ φ)
   *
   * to a model's loss, with φ = (θ, δ, η, ι) its ability and a_j the question's input there. Near
   * its minimum x̂ this is ½ (x − x̂)ᵀ H (x − x̂) and a constant. Both are computed for sixteen
   * abilities θ without deviations, and interpolated. Deviations move x̂ by H⁻¹ M φ, with
   * M = Σ_j p_j (1 − p_j) u_j a_jᵀ.
   */
  private static final double FIRST = -3.75;
  private static final double STEP = 0.5;
  private static final double WIDE = 1e4; // variance of a prior that hardly counts

  private final ItemParameters known;
  private final FloatMatrix inputs; // [n, k]
  private List<Node> nodes = List.of(); // computed when they are first asked for

  /// @param inputs u, [n, k], a row for each known question
  PredictedAnswers(ItemParameters known, FloatMatrix inputs) {
    this.known = known;
    this.inputs = inputs;
  }

  /// What is known at one ability.
  private static final class Node {
    private final double[] center; // x̂
    private final double[] precision; // H
    private final double[] response; // H⁻¹ M, [k, 1 + B + T + 1]

    Node(double[] center, double[] precision, double[] response) {
      this.center = center;
      this.precision = precision;
      this.response = response;
    }
  }

  /// The Gaussian of a model's expected answers.
  ///
  /// @param weight how many answers each question counts as
  Gaussian at(Ability ability, double weight) {
    List<Node> all = nodes();
    double place = Math.clamp((ability.value() - FIRST) / STEP, 0, all.size() - 1);
    int low = Math.min((int) place, all.size() - 2);
    double high = place - low; // share of the upper node
    Node below = all.get(low);
    Node above = all.get(low + 1);
    int k = inputs.columns();
    double[] deviations = ability.posterior().mean();
    deviations[0] = 0;
    double[] center = new double[k];
    for (int c = 0; c < k; c++) {
      center[c] = (1 - high) * below.center[c] + high * above.center[c];
      for (int v = 1; v < deviations.length; v++) {
        int at = c * deviations.length + v;
        center[c] += ((1 - high) * below.response[at] + high * above.response[at]) * deviations[v];
      }
    }
    double[] precision = new double[k * k];
    for (int at = 0; at < precision.length; at++) {
      precision[at] = weight * ((1 - high) * below.precision[at] + high * above.precision[at]);
    }
    return Gaussian.ofPrecision(center, precision);
  }

  private synchronized List<Node> nodes() {
    if (nodes.isEmpty()) {
      nodes = compute();
    }
    return nodes;
  }

  private List<Node> compute() {
    int k = inputs.columns();
    int[] everything = IntStream.range(0, inputs.rows()).toArray();
    List<ItemResponses> expected = new ArrayList<>();
    List<Gaussian> priors = new ArrayList<>();
    double[] wide = new double[k];
    Arrays.fill(wide, WIDE);
    for (int at = 0; at < ModelVectorBatch.MODELS; at++) {
      expected.add(ItemResponses.of(everything, probabilities(FIRST + at * STEP)));
      priors.add(Gaussian.ofVariances(new double[k], wide));
    }
    LaplacePosterior[] solved =
        new ModelVectorBatch(expected, inputs)
            .solve(priors, new double[ModelVectorBatch.MODELS][k], false);
    List<Node> found = new ArrayList<>();
    for (int at = 0; at < solved.length; at++) {
      found.add(node(solved[at], expected.get(at)));
    }
    return found;
  }

  private double[] probabilities(double ability) {
    double[] vector = new double[known.abilityDimension()];
    vector[0] = ability;
    return IntStream.range(0, inputs.rows())
        .mapToDouble(j -> known.probability(j, vector))
        .toArray();
  }

  private Node node(LaplacePosterior solved, ItemResponses expected) {
    int k = inputs.columns();
    int width = known.abilityDimension();
    double[] moment = new double[k * width]; // M
    for (int j = 0; j < inputs.rows(); j++) {
      double p = expected.score(j);
      double[] input = known.abilityInput(j);
      for (int v = 0; v < width; v++) {
        double scaled = p * (1 - p) * input[v];
        for (int c = 0; c < k && scaled != 0; c++) {
          moment[c * width + v] += scaled * inputs.get(j, c);
        }
      }
    }
    double[] covariance = solved.covariance();
    double[] response = new double[k * width];
    for (int c = 0; c < k; c++) {
      for (int l = 0; l < k; l++) {
        for (int v = 0; v < width; v++) {
          response[c * width + v] += covariance[c * k + l] * moment[l * width + v];
        }
      }
    }
    try (Workers workers = new Workers(1)) {
      double[] precision = Cholesky.of(k, covariance, workers).inverse();
      return new Node(solved.mean(), precision, response);
    }
  }
}
