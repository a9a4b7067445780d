package org.embedllm.factorization;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.linalg.KernelWarmUp;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Mix;
import org.embedllm.linalg.Shuffle;
import org.embedllm.linalg.Workers;

/// Trains the matrix factorization of Zhuang et al. (2025), §4.3. Reusable and safe for use by
/// several threads; each fit returns a new result.
public final class MatrixFactorizationTrainer implements Trainer {
  /*
   * The method, for a block of B questions (see docs/notation.md for names and shapes).
   *
   *   X [B, r]   features of the questions, plus Gaussian noise drawn once for each question and epoch
   *   V = X Wᵀ + 1 bᵀ                                   [B, d]  projected questions, v'_j in the paper
   *   w = C_1 − C_0                                     [d]     two logits read as one
   *   Q = P ∘ w                                         [m, d]
   *   Z = V Qᵀ + (c_1 − c_0)                            [B, m]  logit_1 − logit_0
   *   L = Σ ω_ij [ softplus(z_ij) − y_ij z_ij ] / Σ ω_ij        eq. 1, over the block's observed cells,
   *
   *
   * Cross-entropy over the two logits and binary cross-entropy of sigmoid(logit_1 − logit_0) are the
   * same function, so only the difference is computed. Its gradients:
   *
   *   G  = a ∘ (sigmoid(Z) − Y) / Σ a                   [B, m]  0 where unobserved
   *   dQ = Gᵀ V,  dP = dQ ∘ w                           [m, d]
   *   dC_1 = Σ_i dQ_i ∘ P_i,  dC_0 = −dC_1              [d]
   *   dc_1 = Σ G,  dc_0 = −dc_1
   *   dV = G Q                                          [B, d]
   *   dW = dVᵀ X,  db = Σ_j dV_j                        [d, r], [d]
   *
   * Both rows of C and c are kept and updated: Adam (Kingma and Ba, 2015) divides by the size of
   * each gradient, so that two opposite logits move their difference twice as fast as one would.
   *
   * The published code draws noise for each cell; a block draws it once for each question and epoch.
   * The expectation is the same, and the projection, most of the work, is shared by all models.
   */
  private static final double CHECKPOINT_SECONDS = 1;

  private final TrainingOptions options;
  private final LongSupplier nanoClock;
  private final Optional<Path> checkpoint;

  public MatrixFactorizationTrainer(TrainingOptions options) {
    this(options, System::nanoTime);
  }

  /// @param nanoClock monotonic nanoseconds, for the seconds in reports
  public MatrixFactorizationTrainer(TrainingOptions options, LongSupplier nanoClock) {
    this(options, nanoClock, Optional.empty());
  }

  private MatrixFactorizationTrainer(
      TrainingOptions options, LongSupplier nanoClock, Optional<Path> checkpoint) {
    this.options = options;
    this.nanoClock = nanoClock;
    this.checkpoint = checkpoint;
  }

  public TrainingOptions options() {
    return options;
  }

  /// The same trainer, which writes down where it is.
  ///
  /// @param file where training is written down, after the last epoch and after every epoch that
  ///   ends a second or more after the last writing, and taken up again when the file is there:
  ///   killed at any moment and started again, it ends in the same bytes. The file stays, and may
  ///   be deleted once the model is kept
  @Override
  public MatrixFactorizationTrainer withCheckpoint(Path file) {
    return new MatrixFactorizationTrainer(options, nanoClock, Optional.of(file));
  }

  /// Fits the paper's model, with the question vectors themselves as features.
  public TrainingResult fit(TrainingProblem problem) {
    return train(problem, TrainingListener.NONE);
  }

  /// Fits the paper's model.
  ///
  /// @throws org.embedllm.storage.BadInputException when the checkpoint belongs to other data or
  ///   options, or is damaged
  @Override
  public TrainingResult train(TrainingProblem problem, TrainingListener listener) {
    try (Workers workers = new Workers(options.threads())) {
      return new Run(problem, listener, checkpoint, workers).fit();
    }
  }

  @Override
  public Map<String, String> settings(TrainingProblem problem) {
    CorrectnessMatrix train = problem.train();
    Map<String, String> settings = new TreeMap<>();
    settings.put("dimension", Integer.toString(options.dimension()));
    settings.put("epochs", Integer.toString(options.epochs()));
    settings.put("learning-rate", Double.toString(options.learningRate()));
    settings.put(
        "batch-questions",
        Integer.toString(options.questionsPerStep(train.questionCount(), train.cellCount())));
    settings.put("noise", Double.toString(options.noise()));
    settings.put("weight-decay", Double.toString(options.weightDecay()));
    settings.put("order", options.order().name().toLowerCase(Locale.ROOT));
    settings.put("model-bias", "false"); // as in every file of the paper's method
    return settings;
  }

  @Override
  public long leastValues(int questions, int dimension) {
    return (long) options.dimension() * dimension;
  }

  @Override
  public long seed() {
    return options.seed();
  }

  @Override
  public int threads() {
    return options.threads();
  }

  /// One training.
  private final class Run {
    private final TrainingProblem problem;
    private final TrainingListener listener;
    private final Optional<Checkpoint> checkpoint;
    private final Workers workers;
    private final Kernels kernels = Kernels.best();
    private final Optional<ValidationCells> validation;
    private final int blockQuestions;
    private final List<EpochReport> reports = new ArrayList<>();
    private final long started = nanoClock.getAsLong();
    private double written; // seconds at the last checkpoint

    Run(
        TrainingProblem problem,
        TrainingListener listener,
        Optional<Path> checkpoint,
        Workers workers) {
      this.problem = problem;
      this.listener = listener;
      this.checkpoint =
          checkpoint.map(file -> new Checkpoint(file, TrainingDigest.of(problem, options)));
      this.workers = workers;
      this.validation = problem.validation().map(v -> new ValidationCells(v, problem.train()));
      this.blockQuestions =
          options.questionsPerStep(problem.train().questionCount(), problem.train().cellCount());
    }

    TrainingResult fit() {
      TrainingState state =
          TrainingState.random(problem.train().models(), problem.features().columns(), options);
      checkpoint.ifPresent(c -> reports.addAll(c.restore(state, options.epochs())));
      KernelWarmUp.await(operations(state));
      BlockStep step = new BlockStep(state, problem, options, blockQuestions, kernels, workers);
      for (int epoch = reports.size() + 1; epoch <= options.epochs(); epoch++) {
        double loss = epoch(step, epoch) / problem.train().cellCount();
        Optional<ValidationCells.Score> score =
            validation.map(v -> v.score(state, kernels, workers));
        var report =
            new EpochReport(
                epoch,
                options.epochs(),
                loss,
                optional(score.map(ValidationCells.Score::accuracy)),
                optional(score.map(ValidationCells.Score::logLoss)),
                seconds());
        reports.add(report);
        if (epoch == options.epochs() || seconds() - written >= CHECKPOINT_SECONDS) {
          checkpoint.ifPresent(c -> c.write(state, reports));
          written = seconds();
        }
        listener.epochDone(report);
      }
      return new TrainingResult(
          state.model(problem),
          TrainingHistory.now(
              reports, problem.train().cellCount(), blockQuestions, options.threads(), seconds()));
    }

    /// Of all epochs: two for each multiplication, of the projection and of the cells, forwards and
    /// twice backwards.
    private double operations(TrainingState state) {
      double questions = (double) problem.train().questionCount() * options.epochs();
      return 4 * questions * state.width * (state.features + 1.5 * state.models);
    }

    private double epoch(BlockStep step, int epoch) {
      int n = problem.train().questionCount();
      int[] order = order(n, epoch);
      long noiseKey = Mix.key(Mix.key(options.seed(), 2), epoch);
      double loss = 0;
      for (int from = 0; from < n; from += blockQuestions) {
        loss += step.run(order, from, Math.min(n, from + blockQuestions), noiseKey);
      }
      return loss;
    }

    /// `[n]` the questions in the order of an epoch.
    private int[] order(int n, int epoch) {
      int[] order = new int[n];
      for (int j = 0; j < n; j++) {
        order[j] = j;
      }
      switch (options.order()) {
        case FILE -> {}
        case SHUFFLED -> {
          long key = Mix.key(Mix.key(options.seed(), 3), epoch);
          return Shuffle.of(order, new SplittableRandom(key));
        }
      }
      return order;
    }

    private double seconds() {
      return (nanoClock.getAsLong() - started) * 1e-9;
    }

    private static OptionalDouble optional(Optional<Double> value) {
      return value.map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
    }
  }
}
