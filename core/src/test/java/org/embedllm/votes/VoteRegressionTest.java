package org.embedllm.votes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.Vote;
import org.embedllm.correctness.Vote.Winner;
import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.Gaussian;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class VoteRegressionTest {
  private static final int MODELS = 4;
  private static final int K = 3;

  @Test
  void derivatives_atAnyPoint_agreeWithDifferences() {
    var votes = VoteObservations.of(inputs(20, 1), votes(120, 20, 2));
    var likelihood = new VoteLikelihood(0.7, 0.2, 0.8);
    var f = new VoteDerivatives(votes, priors(MODELS, K, 0.5));
    double[] x = new SplittableRandom(3).doubles(MODELS * K, -1, 1).toArray();
    f.at(x, likelihood);
    double[] gradient = f.gradient().clone();
    double[] hessian = f.hessian().clone();
    double step = 1e-5;
    for (int i = 0; i < x.length; i++) {
      double[] up = x.clone();
      double[] down = x.clone();
      up[i] += step;
      down[i] -= step;
      double above = f.at(up, likelihood);
      double[] gradientAbove = f.gradient().clone();
      double below = f.at(down, likelihood);
      double[] gradientBelow = f.gradient().clone();
      assertThat(gradient[i]).isCloseTo((above - below) / (2 * step), within(1e-5));
      for (int k = i; k < x.length; k++) { // the lower triangle
        assertThat(hessian[k * x.length + i])
            .isCloseTo((gradientAbove[k] - gradientBelow[k]) / (2 * step), within(1e-4));
      }
    }
  }

  @Test
  void outcomes_ofAnyDifference_sumToOneAndMirror() {
    var likelihood = new VoteLikelihood(1, 0, 0.6);
    for (double difference : new double[] {-800, -3, 0, 0.5, 800}) {
      VoteLikelihood.Outcomes there = likelihood.outcomes(difference);
      VoteLikelihood.Outcomes back = likelihood.outcomes(-difference);
      assertThat(there.first() + there.second() + there.tie()).isCloseTo(1, within(1e-12));
      assertThat(there.first()).isCloseTo(back.second(), within(1e-12));
      assertThat(there.tie()).isCloseTo(back.tie(), within(1e-12));
    }
  }

  @Test
  void solve_votesInAnotherOrder_givesTheSameBits() {
    FloatMatrix inputs = inputs(20, 4);
    List<Vote> votes = new ArrayList<>(votes(200, 20, 5));
    VoteFit first = solve(inputs, votes);
    Collections.shuffle(votes, new Random(6));
    VoteFit second = solve(inputs, votes);
    assertThat(second.likelihood()).isEqualTo(first.likelihood());
    for (int i = 0; i < MODELS; i++) {
      assertThat(second.vectors().get(i).mean()).containsExactly(first.vectors().get(i).mean());
    }
  }

  @Test
  void solve_eachVoteWithItsOpposite_leavesThePrior() {
    List<Vote> votes = new ArrayList<>(votes(100, 20, 7));
    for (Vote vote : List.copyOf(votes)) {
      votes.add(
          new Vote(
              vote.question(),
              vote.modelA(),
              vote.modelB(),
              switch (vote.winner()) {
                case MODEL_A -> Winner.MODEL_B;
                case MODEL_B -> Winner.MODEL_A;
                case TIE, BOTH_BAD -> vote.winner();
              },
              1));
    }
    VoteFit fit = solve(inputs(20, 8), votes);
    assertThat(fit.likelihood().positionBias()).isCloseTo(0, within(1e-6));
    for (LaplacePosterior vector : fit.vectors()) {
      assertThat(vector.mean()).containsExactly(new double[K], within(1e-6));
    }
  }

  @Test
  void solve_eachVoteInBothPositions_hasNoPositionBias() {
    List<Vote> votes = new ArrayList<>(votes(100, 20, 9));
    votes.addAll(votes.stream().map(VoteRegressionTest::turned).toList());
    assertThat(solve(inputs(20, 10), votes).likelihood().positionBias()).isCloseTo(0, within(1e-6));
  }

  @Test
  void solve_votersPreferTheFirst_findsTheBiasAndNoDifference() {
    List<Vote> votes = new ArrayList<>();
    for (int v = 0; v < 400; v++) {
      Vote vote =
          new Vote(v % 20, v % 2, 1 - v % 2, v % 4 == 3 ? Winner.MODEL_B : Winner.MODEL_A, 1);
      votes.add(vote);
    }
    List<Vote> balanced = new ArrayList<>(votes);
    balanced.addAll(
        votes.stream()
            .map(v -> new Vote(v.question(), v.modelB(), v.modelA(), v.winner(), 1))
            .toList());
    VoteFit fit = solve(inputs(20, 11), balanced);
    assertThat(fit.likelihood().positionBias()).isCloseTo(Math.log(3), within(0.1));
    assertThat(fit.vectors().get(0).mean()).containsExactly(new double[K], within(1e-6));
  }

  /// The vectors are known well, so that votes drawn from them tell the scale.
  @Test
  void solve_votesOfAKnownScale_findsItBesideScores() {
    FloatMatrix inputs = inputs(50, 15);
    double[][] vectors = new double[MODELS][];
    List<Gaussian> known = new ArrayList<>();
    double[] narrow = new double[K];
    java.util.Arrays.fill(narrow, 1e-4);
    for (int i = 0; i < MODELS; i++) {
      vectors[i] = new SplittableRandom(20 + i).doubles(K, -2, 2).toArray();
      known.add(Gaussian.ofVariances(vectors[i], narrow));
    }
    try (Workers workers = new Workers(1)) {
      for (double scale : new double[] {0.3, 1, 2.5}) {
        var truth = new VoteLikelihood(scale, 0.2, 0.5);
        VoteFit fit =
            VoteRegression.solve(
                VoteObservations.of(inputs, drawn(inputs, vectors, truth, 4_000)),
                known,
                VoteLikelihood.PLAIN,
                VoteRegression.Fitted.SCALE_TOO,
                workers);
        assertThat(fit.likelihood().scale()).isCloseTo(scale, within(0.1 * Math.max(1, scale)));
        assertThat(fit.likelihood().positionBias()).isCloseTo(0.2, within(0.15));
        assertThat(fit.likelihood().tie()).isCloseTo(0.5, within(0.1));
      }
    }
  }

  /// The vectors are unknown but for the variance of their priors. The scale that is the most
  /// probable together with them would be near 2.
  @Test
  void solve_vectorsOfAKnownVariance_findTheScaleWithoutShrinkingThem() {
    FloatMatrix inputs = inputs(50, 17);
    double[][] vectors = new double[MODELS][K];
    var random = new SplittableRandom(18);
    double square = 0;
    for (double[] vector : vectors) {
      for (int c = 0; c < K; c++) {
        vector[c] = random.nextGaussian();
        square += vector[c] * vector[c] / (MODELS * K);
      }
    }
    double length = Math.sqrt(square);
    for (double[] vector : vectors) {
      for (int c = 0; c < K; c++) {
        vector[c] /= length;
      }
    }
    try (Workers workers = new Workers(1)) {
      VoteFit fit =
          VoteRegression.solve(
              VoteObservations.of(
                  inputs, drawn(inputs, vectors, new VoteLikelihood(1, 0, 0.5), 4_000)),
              priors(MODELS, K, 1),
              VoteLikelihood.PLAIN,
              VoteRegression.Fitted.SCALE_TOO,
              workers);
      assertThat(fit.likelihood().scale()).isBetween(0.7, 1.4);
    }
  }

  private static List<Vote> drawn(
      FloatMatrix inputs, double[][] vectors, VoteLikelihood truth, int count) {
    var random = new SplittableRandom(16);
    List<Vote> votes = new ArrayList<>();
    for (int v = 0; v < count; v++) {
      int j = random.nextInt(inputs.rows());
      int a = random.nextInt(MODELS);
      int b = (a + 1 + random.nextInt(MODELS - 1)) % MODELS;
      double difference = 0;
      for (int c = 0; c < K; c++) {
        difference += inputs.get(j, c) * (vectors[a][c] - vectors[b][c]);
      }
      VoteLikelihood.Outcomes outcomes = truth.outcomes(difference);
      double at = random.nextDouble();
      Winner winner =
          at < outcomes.first()
              ? Winner.MODEL_A
              : at < outcomes.first() + outcomes.second() ? Winner.MODEL_B : Winner.TIE;
      votes.add(new Vote(j, a, b, winner, 1));
    }
    return votes;
  }

  @Test
  void solve_allPairsOfRightAndWrong_ordersModelsAsTheirScores() {
    int n = 400;
    int m = 8;
    var random = new SplittableRandom(12);
    int[] right = new int[m];
    List<Vote> votes = new ArrayList<>();
    for (int j = 0; j < n; j++) {
      boolean[] answers = new boolean[m];
      double easy = 4 * random.nextDouble() - 2;
      for (int i = 0; i < m; i++) {
        answers[i] = random.nextDouble() < 1 / (1 + Math.exp(-(easy + 0.6 * (i - 3.5))));
        right[i] += answers[i] ? 1 : 0;
      }
      for (int a = 0; a < m; a++) {
        for (int b = 0; b < m; b++) {
          if (answers[a] && !answers[b]) {
            votes.add(new Vote(0, a, b, Winner.MODEL_A, 1));
          }
        }
      }
    }
    VoteFit fit = VoteEvaluation.bradleyTerry(votes, m);
    List<Integer> byVotes =
        IntStream.range(0, m)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> fit.vectors().get(i).mean()[0]))
            .toList();
    List<Integer> byScores =
        IntStream.range(0, m).boxed().sorted(Comparator.comparingInt(i -> right[i])).toList();
    assertThat(byVotes).isEqualTo(byScores);
  }

  /// Two kinds of questions, on which the models' order is reversed: only their texts tell them
  /// apart. Of a right and a wrong answer, the right one is the first model's with the probability
  /// that a vote has, so votes find the differences that the answers were drawn from.
  @Test
  void solve_allPairsWithTexts_agreeWithTheScoresOfEachKind() {
    int n = 800;
    int m = 6;
    var random = new SplittableRandom(21);
    float[] inputs = new float[n * 2]; // [n, 2]: a constant and the kind
    int[][] right = new int[2][m];
    List<Vote> votes = new ArrayList<>();
    for (int j = 0; j < n; j++) {
      int kind = j % 2;
      inputs[2 * j] = 1;
      inputs[2 * j + 1] = kind == 0 ? 1 : -1;
      boolean[] answers = new boolean[m];
      double easy = 4 * random.nextDouble() - 2;
      for (int i = 0; i < m; i++) {
        answers[i] = random.nextDouble() < 1 / (1 + Math.exp(-easy - skill(i, kind)));
        right[kind][i] += answers[i] ? 1 : 0;
      }
      for (int a = 0; a < m; a++) {
        for (int b = 0; b < m; b++) {
          if (answers[a] && !answers[b]) {
            votes.add(
                j % 3 == 0
                    ? new Vote(j, b, a, Winner.MODEL_B, 1)
                    : new Vote(j, a, b, Winner.MODEL_A, 1));
          }
        }
      }
    }
    VoteFit fit;
    try (Workers workers = new Workers(1)) {
      fit =
          VoteRegression.solve(
              VoteObservations.of(FloatMatrix.wrap(n, 2, inputs), votes),
              priors(m, 2, 10),
              VoteLikelihood.PLAIN,
              VoteRegression.Fitted.VECTORS,
              workers);
    }
    for (int kind = 0; kind < 2; kind++) {
      int of = kind;
      double[] logits =
          fit.vectors().stream()
              .mapToDouble(v -> v.mean()[0] + (of == 0 ? 1 : -1) * v.mean()[1])
              .toArray();
      double mean = java.util.Arrays.stream(logits).average().orElseThrow();
      for (int i = 0; i < m; i++) {
        assertThat(logits[i] - mean).isCloseTo(skill(i, of), within(0.4));
      }
      List<Integer> byVotes =
          IntStream.range(0, m).boxed().sorted(Comparator.comparingDouble(i -> logits[i])).toList();
      List<Integer> byScores =
          IntStream.range(0, m).boxed().sorted(Comparator.comparingInt(i -> right[of][i])).toList();
      assertThat(byVotes).isEqualTo(byScores);
    }
  }

  /// In logits, with mean 0 over six models.
  private static double skill(int model, int kind) {
    return (kind == 0 ? 0.7 : -0.7) * (model - 2.5);
  }

  @Test
  void solve_oneModelAgainstKnownOnes_agreesWithTheJointSolution() {
    FloatMatrix inputs = inputs(20, 13);
    List<Vote> votes = votes(400, 20, 14);
    List<Gaussian> priors = priors(MODELS, K, 0.5);
    var likelihood = new VoteLikelihood(1, 0.1, 0.5);
    try (Workers workers = new Workers(1)) {
      VoteFit joint =
          VoteRegression.solve(
              VoteObservations.of(inputs, votes),
              priors,
              likelihood,
              VoteRegression.Fitted.VECTORS,
              workers);
      List<VoteObservations.Observed> own = new ArrayList<>();
      for (Vote vote : votes) {
        if (vote.modelA() == 0 || vote.modelB() == 0) {
          int other = vote.modelA() == 0 ? vote.modelB() : vote.modelA();
          double logit = 0;
          for (int c = 0; c < K; c++) {
            logit += inputs.get(vote.question(), c) * joint.vectors().get(other).mean()[c];
          }
          own.add(
              vote.modelA() == 0
                  ? new VoteObservations.Observed(
                      vote.question(), 0, VoteObservations.FIXED, -logit, vote.winner())
                  : new VoteObservations.Observed(
                      vote.question(), VoteObservations.FIXED, 0, logit, vote.winner()));
        }
      }
      VoteFit alone =
          VoteRegression.solve(
              new VoteObservations(inputs, own),
              priors.subList(0, 1),
              likelihood,
              VoteRegression.Fitted.VECTORS,
              workers);
      assertThat(alone.vectors().getFirst().mean())
          .containsExactly(joint.vectors().getFirst().mean(), within(1e-5));
      assertThat(alone.vectors().getFirst().covariance()[0])
          .isLessThan(joint.vectors().getFirst().covariance()[0]);
    }
  }

  /// With one strength for each model, votes say nothing of their common level: what they say of
  /// the others does not depend on how unsure the prior is of it.
  @Test
  void solveRelative_unsurePrior_hasTheVariancesOfTheStrengthsBesideTheirMean() {
    FloatMatrix one = FloatMatrix.wrap(1, 1, new float[] {1});
    List<Vote> votes =
        votes(4_000, 1, 13).stream()
            .map(v -> new Vote(0, v.modelA(), v.modelB(), v.winner(), 1))
            .toList();
    VoteObservations observed = VoteObservations.of(one, votes);
    try (Workers workers = new Workers(1)) {
      double[][] variances = new double[2][MODELS];
      for (int wide = 0; wide < 2; wide++) {
        VoteFit fit =
            VoteRegression.solveRelative(
                observed,
                priors(MODELS, 1, wide == 0 ? 10 : 1_000),
                VoteLikelihood.PLAIN,
                VoteRegression.Fitted.BIAS_AND_TIES,
                workers);
        for (int i = 0; i < MODELS; i++) {
          variances[wide][i] = fit.vectors().get(i).covariance()[0];
        }
      }
      assertThat(variances[1]).containsExactly(variances[0], within(1e-5));
      // Independently: J H⁻¹ Jᵀ is the limit of (H + c 11ᵀ)⁻¹ for large c.
      VoteFit fit =
          VoteRegression.solve(
              observed,
              priors(MODELS, 1, 10),
              VoteLikelihood.PLAIN,
              VoteRegression.Fitted.BIAS_AND_TIES,
              workers);
      var f = new VoteDerivatives(observed, priors(MODELS, 1, 10));
      f.at(fit.vectors().stream().mapToDouble(v -> v.mean()[0]).toArray(), fit.likelihood());
      double[] sure = f.hessian().clone();
      for (int i = 0; i < sure.length; i++) {
        sure[i] += 1e6;
      }
      double[] inverse = Cholesky.of(MODELS, sure, workers).inverse();
      for (int i = 0; i < MODELS; i++) {
        assertThat(variances[0][i]).isCloseTo(inverse[i * MODELS + i], within(1e-5));
        assertThat(fit.vectors().get(i).covariance()[0]).isGreaterThan(10.0 / MODELS);
      }
    }
  }

  private static Vote turned(Vote vote) {
    return new Vote(
        vote.question(),
        vote.modelB(),
        vote.modelA(),
        switch (vote.winner()) {
          case MODEL_A -> Winner.MODEL_B;
          case MODEL_B -> Winner.MODEL_A;
          case TIE, BOTH_BAD -> vote.winner();
        },
        vote.judges());
  }

  private static VoteFit solve(FloatMatrix inputs, List<Vote> votes) {
    try (Workers workers = new Workers(1)) {
      return VoteRegression.solve(
          VoteObservations.of(inputs, votes),
          priors(MODELS, K, 0.5),
          VoteLikelihood.PLAIN,
          VoteRegression.Fitted.BIAS_AND_TIES,
          workers);
    }
  }

  private static List<Gaussian> priors(int models, int k, double variance) {
    double[] variances = new double[k];
    java.util.Arrays.fill(variances, variance);
    return IntStream.range(0, models)
        .mapToObj(i -> Gaussian.ofVariances(new double[k], variances))
        .toList();
  }

  private static FloatMatrix inputs(int questions, long seed) {
    var random = new SplittableRandom(seed);
    float[] values = new float[questions * K];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % K == 0 ? 1 : (float) (2 * random.nextDouble() - 1);
    }
    return FloatMatrix.wrap(questions, K, values);
  }

  private static List<Vote> votes(int count, int questions, long seed) {
    var random = new SplittableRandom(seed);
    List<Vote> votes = new ArrayList<>();
    for (int v = 0; v < count; v++) {
      int a = random.nextInt(MODELS);
      int b = (a + 1 + random.nextInt(MODELS - 1)) % MODELS;
      votes.add(new Vote(random.nextInt(questions), a, b, Winner.ofCode(random.nextInt(4)), 1));
    }
    return votes;
  }
}
