package org.embedllm.artifact;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Vote;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.linalg.Logistic;
import org.embedllm.linalg.NormalQuantile;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.Gaussian;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.question.QuestionVectors;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.votes.VoteFit;
import org.embedllm.votes.VoteLikelihood;
import org.embedllm.votes.VoteNotes;
import org.embedllm.votes.VoteObservations;
import org.embedllm.votes.VoteRegression;

/// Votes as further evidence about the vectors of a trained pool, and about new models that were
/// compared with its models. What is known of a vector already is a Gaussian: of a model of the
/// pool its posterior from scores.
public final class VoteUpdate {
  private final ModelArtifact artifact;
  private final FloatMatrix inputs; // w ∘ u, [n, k], a row for each question that votes name
  private final FloatMatrix covariances; // [m, k * k]

  /// @param asked the questions that votes name by their place here
  /// @param vectors of these questions, by their ids; may have others too
  /// @param known the training questions, whose inputs are known without their own answers
  /// @throws BadInputException when the file keeps no uncertainty of its vectors
  public VoteUpdate(
      ModelArtifact artifact, List<Question> asked, QuestionVectors vectors, List<Question> known) {
    this.artifact = artifact;
    this.covariances =
        artifact
            .covariances()
            .orElseThrow(() ->
                BadInputException.of(
                    "the model file has no uncertainty of its vectors, which votes need: train it without --published and without options of the linear factorization"));
    this.inputs = inputs(artifact, asked, vectors, known);
  }

  private static FloatMatrix inputs(
      ModelArtifact artifact, List<Question> asked, QuestionVectors vectors, List<Question> known) {
    MatrixFactorization model = artifact.factorization();
    int k = model.dimension();
    FloatMatrix own = artifact.tensors().get(KernelTraining.INPUTS);
    Map<String, Integer> rows = new HashMap<>();
    for (int j = 0; own != null && own.columns() == k && j < known.size(); j++) {
      rows.put(known.get(j).id(), j);
    }
    float[] weighted = new float[Math.multiplyExact(asked.size(), k)];
    List<Question> others = asked.stream().filter(q -> !rows.containsKey(q.id())).toList();
    FloatMatrix projected =
        others.isEmpty()
            ? FloatMatrix.wrap(0, k, new float[0])
            : model.project(model.attributes().beside(vectors.of(others).vectors(), others));
    int other = 0;
    for (int j = 0; j < asked.size(); j++) {
      Integer row = rows.get(asked.get(j).id());
      for (int c = 0; c < k; c++) {
        float u = row == null || own == null ? projected.get(other, c) : own.get(row, c);
        weighted[j * k + c] = (float) (u * model.logitWeight(c));
      }
      other += row == null ? 1 : 0;
    }
    return FloatMatrix.wrap(asked.size(), k, weighted);
  }

  /// The pool with vectors that votes have moved; the scale between votes and scores is fitted.
  /// Models without votes stay as they are.
  ///
  /// @param votes between rows of the pool
  public ModelArtifact moved(List<Vote> votes, int threads) {
    TreeSet<Integer> voted = new TreeSet<>();
    votes.forEach(vote -> voted.addAll(List.of(vote.modelA(), vote.modelB())));
    Map<Integer, Integer> numbers = new TreeMap<>();
    List<Gaussian> priors = new ArrayList<>();
    for (int row : voted) {
      numbers.put(row, numbers.size());
      priors.add(gaussian(row));
    }
    List<VoteObservations.Observed> observed =
        votes.stream()
            .map(v ->
                new VoteObservations.Observed(
                    v.question(),
                    numbers.getOrDefault(v.modelA(), VoteObservations.FIXED),
                    numbers.getOrDefault(v.modelB(), VoteObservations.FIXED),
                    0,
                    v.winner()))
            .toList();
    VoteFit fit =
        solve(observed, priors, VoteLikelihood.PLAIN, VoteRegression.Fitted.SCALE_TOO, threads);
    ModelArtifact moved = artifact;
    int number = 0;
    for (int row : voted) {
      moved = moved.withModelVector(row, fit.vectors().get(number++));
    }
    for (Map.Entry<String, String> note :
        new VoteNotes(fit.likelihood(), Optional.empty()).notes().entrySet()) {
      moved = moved.withNote(note.getKey(), note.getValue());
    }
    return moved;
  }

  /// Vectors of new models from votes against models of the pool and among each other.
  ///
  /// @param votes between models by their places in `rows`
  /// @param rows for each model its row in the pool, or −1 for a new one
  /// @param priors what is known of each new model, in their order
  public List<LaplacePosterior> placed(
      List<Vote> votes, List<Integer> rows, List<Gaussian> priors, int threads) {
    int[] numbers = new int[rows.size()];
    int count = 0;
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = rows.get(i) < 0 ? count++ : VoteObservations.FIXED;
    }
    List<VoteObservations.Observed> observed =
        votes.stream()
            .filter(v -> numbers[v.modelA()] >= 0 || numbers[v.modelB()] >= 0)
            .map(v ->
                new VoteObservations.Observed(
                    v.question(),
                    numbers[v.modelA()],
                    numbers[v.modelB()],
                    logit(rows.get(v.modelA()), v.question())
                        - logit(rows.get(v.modelB()), v.question()),
                    v.winner()))
            .toList();
    Optional<VoteLikelihood> known = artifact.votes().map(VoteNotes::likelihood);
    return solve(
            observed,
            priors,
            known.orElse(VoteLikelihood.PLAIN),
            known.isPresent() ? VoteRegression.Fitted.VECTORS : VoteRegression.Fitted.BIAS_AND_TIES,
            threads)
        .vectors();
  }

  private VoteFit solve(
      List<VoteObservations.Observed> observed,
      List<Gaussian> priors,
      VoteLikelihood start,
      VoteRegression.Fitted fitted,
      int threads) {
    try (Workers workers = new Workers(threads)) {
      return VoteRegression.solve(
          new VoteObservations(inputs, observed), priors, start, fitted, workers);
    }
  }

  /// The known part of a logit: 0 for a new model.
  private double logit(int row, int question) {
    double sum = 0;
    for (int c = 0; row >= 0 && c < inputs.columns(); c++) {
      sum += (double) artifact.factorization().modelVectors().get(row, c) * inputs.get(question, c);
    }
    return sum;
  }

  private Gaussian gaussian(int row) {
    int k = inputs.columns();
    double[] mean = new double[k];
    double[] covariance = new double[k * k];
    for (int c = 0; c < k; c++) {
      mean[c] = artifact.factorization().modelVectors().get(row, c);
      for (int e = 0; e < k; e++) {
        covariance[c * k + e] =
            0.5 * ((double) covariances.get(row, c * k + e) + covariances.get(row, e * k + c));
      }
    }
    return Gaussian.ofCovariance(mean, covariance);
  }

  /// The mean probability of a model over the training questions, by its vector alone.
  ///
  /// @param value in `[0, 1]`
  /// @param low lower end of the 95 % interval
  /// @param high upper end
  public record MeanProbability(double value, double low, double high) {
    /// Over all training questions.
    ///
    /// @param vector of the model
    public static MeanProbability of(ModelArtifact artifact, LaplacePosterior vector) {
      return of(artifact, vector, question -> true);
    }

    /// Over some training questions.
    ///
    /// @param vector of the model
    /// @param which whether the question of a row counts; NaN where none does
    public static MeanProbability of(
        ModelArtifact artifact, LaplacePosterior vector, IntPredicate which) {
      MatrixFactorization model = artifact.factorization();
      FloatMatrix inputs = artifact.tensors().get(KernelTraining.INPUTS);
      int[] rows = IntStream.range(0, inputs == null ? 0 : inputs.rows()).filter(which).toArray();
      if (inputs == null || rows.length == 0) {
        return new MeanProbability(Double.NaN, Double.NaN, Double.NaN);
      }
      int k = model.dimension();
      int n = rows.length;
      double sum = 0;
      double[] gradient = new double[k];
      double[] input = new double[k];
      for (int j : rows) {
        for (int c = 0; c < k; c++) {
          input[c] = inputs.get(j, c) * model.logitWeight(c);
        }
        double p = Logistic.sigmoid(vector.logit(input) + model.logitShift());
        sum += p / n;
        for (int c = 0; c < k; c++) {
          gradient[c] += p * (1 - p) * input[c] / n;
        }
      }
      double half = NormalQuantile.TWO_SIDED_95 * Math.sqrt(vector.variance(gradient));
      return new MeanProbability(sum, Math.max(0, sum - half), Math.min(1, sum + half));
    }
  }
}
