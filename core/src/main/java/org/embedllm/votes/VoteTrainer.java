package org.embedllm.votes;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.embedllm.correctness.Vote;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.Trainer;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.factorization.TrainingResult;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.kernel.OutOfDistribution;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// Trains a pool from votes alone. A logit of its forecasts is relative to the pool's mean: the
/// probability is that of being preferred over an average model of the pool. Reusable and safe for
/// use by several threads.
public final class VoteTrainer implements Trainer {
  /*
   * 1. Landmarks, kernels and distances from the training questions as in the kernel factorization,
   *    fitted to the shares of votes that each model won.
   * 2. u_j [1 + d]: a constant 1 and the first d kernel principal components of the question
   *    (TextComponents). Not the components of the answers: a question has too few votes for these.
   * 3. All vectors together by Newton's method over the votes (VoteRegression), with variances as
   *    VotePrior chooses them. d grows as the pool gets smaller: m (1 + d) numbers are solved
   *    for together.
   */
  private static final int MOST_LANDMARKS = 512;
  private static final int MOST_COMPONENTS = 60;
  private static final int MOST_UNKNOWNS = 600;

  private final KernelOptions options;
  private final List<Vote> votes;

  /// @param votes on the questions of the training matrix, by their numbers there
  public VoteTrainer(KernelOptions options, List<Vote> votes) {
    this.options =
        options.withLandmarks(Math.min(MOST_LANDMARKS, options.landmarks())).withAttributesKnown(0);
    this.votes = List.copyOf(votes);
  }

  @Override
  public TrainingResult train(TrainingProblem problem, TrainingListener listener) {
    KernelTraining kernel = new KernelFactorizationTrainer(options).fit(problem, listener);
    int m = problem.train().modelCount();
    FloatMatrix vectors =
        kernel.model().attributes().beside(problem.features(), problem.train().questions());
    TextComponents components =
        TextComponents.of(
            features(kernel.model().features(), vectors),
            Math.clamp(MOST_UNKNOWNS / m - 1, 0, MOST_COMPONENTS));
    MatrixFactorization empty = model(kernel.model(), components, m);
    FloatMatrix inputs = empty.project(vectors);
    VotePrior.Fit fitted;
    try (Workers workers = new Workers(options.threads())) {
      fitted = VotePrior.fit(inputs, votes, m, workers);
    }
    return result(kernel, empty, inputs, fitted);
  }

  private static TrainingResult result(
      KernelTraining kernel, MatrixFactorization empty, FloatMatrix inputs, VotePrior.Fit fitted) {
    int m = empty.models().size();
    int k = empty.dimension();
    float[] vectors = new float[m * k];
    float[] covariances = new float[m * k * k];
    for (int i = 0; i < m; i++) {
      copy(fitted.fit().vectors().get(i).mean(), vectors, i * k);
      copy(fitted.fit().vectors().get(i).covariance(), covariances, i * k * k);
    }
    Map<String, FloatMatrix> tensors = new HashMap<>();
    tensors.put(KernelTraining.COVARIANCES, FloatMatrix.wrap(m, k * k, covariances));
    tensors.put(KernelTraining.INPUTS, inputs);
    tensors.put(KernelTraining.NEARNESS, kernel.outOfDistribution().nearness());
    tensors.put(KernelTraining.VARIANCES, nothing(k));
    kernel
        .contentOutOfDistribution()
        .map(OutOfDistribution::nearness)
        .ifPresent(nearness -> {
          tensors.put(KernelTraining.CONTENT_NEARNESS, nearness);
          tensors.put(KernelTraining.CONTENT_VARIANCES, nothing(k));
        });
    return new TrainingResult(
        empty.withModels(empty.models(), FloatMatrix.wrap(m, k, vectors)),
        kernel.history(),
        tensors,
        new VoteNotes(fitted.fit().likelihood(), Optional.of(fitted.prior())).notes(),
        Map.of());
  }

  /// The variance of a projected question: what is not known of a text is in the models' vectors.
  private static FloatMatrix nothing(int k) {
    return FloatMatrix.wrap(1, k, new float[k]);
  }

  /// A factorization over the components, whose models' vectors are 0.
  private static MatrixFactorization model(
      MatrixFactorization kernel, TextComponents components, int m) {
    int k = components.projection().rows();
    float[] classifier = new float[2 * k];
    Arrays.fill(classifier, 0, k, -0.5f);
    Arrays.fill(classifier, k, 2 * k, 0.5f);
    return new MatrixFactorization(
        kernel.models(),
        kernel.encoder(),
        kernel.features(),
        FloatMatrix.wrap(m, k, new float[m * k]),
        components.projection(),
        components.bias(),
        FloatMatrix.wrap(2, k, classifier),
        FloatMatrix.wrap(1, 2, new float[2]));
  }

  private static FloatMatrix features(FeatureMap map, FloatMatrix vectors) {
    int n = vectors.rows();
    int r = map.outputDimension();
    float[] features = new float[Math.multiplyExact(n, r)];
    for (int j = 0; j < n; j++) {
      System.arraycopy(map.map(vectors.row(j)), 0, features, j * r, r);
    }
    return FloatMatrix.wrap(n, r, features);
  }

  private static void copy(double[] from, float[] to, int at) {
    for (int i = 0; i < from.length; i++) {
      to[at + i] = (float) from[i];
    }
  }

  @Override
  public Map<String, String> settings(TrainingProblem problem) {
    Map<String, String> settings =
        new TreeMap<>(new KernelFactorizationTrainer(options).settings(problem));
    settings.remove("dimensions");
    settings.remove("ridges");
    settings.put("evidence", "votes");
    settings.put("votes", Integer.toString(votes.size()));
    return settings;
  }

  @Override
  public long leastValues(int questions, int dimension) {
    return (long) Math.min(questions, options.landmarks()) * dimension;
  }

  @Override
  public long seed() {
    return options.seed();
  }

  @Override
  public int threads() {
    return options.threads();
  }
}
