package org.embedllm.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.factorization.EpochReport;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.Trainer;
import org.embedllm.factorization.TrainingHistory;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.factorization.TrainingResult;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.ItemParameters;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.linalg.KernelWarmUp;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.LogitCalibration;
import org.embedllm.modelvector.ModelVectorFit;
import org.embedllm.modelvector.ModelVectorProblem;
import org.embedllm.tensor.FloatMatrix;

/// Trains a kernel factorization: a vector per model, as in the paper, over a projection of the
/// similarities between a question and landmarks. Landmarks are centers of groups of similar
/// questions.
///
/// Everything is solved in closed form or as a convex problem; only the start of the landmarks is
/// random. Reusable and safe for use by several threads.
public final class KernelFactorizationTrainer implements Trainer {
  /*
   * 1. V [n, d]: the principal components of the answers over the models (AnswerComponents).
   * 2. For each component kernel ridge regressions on landmarks, on sentence and surface and on sentence
   *    and content; λ has the smallest leave-one-out error (LeaveOneOutRidge). Components that text
   *    can tell keep their size, others shrink to nothing: the pool decides together what a question's
   *    text says. The columns of the attributes are forecast from the text in the same way.
   * 3. u_j [1 + d + p]: a constant 1, the leave-one-out predictions of question j by both kernels, each
   *    divided by its standard deviation, and its attributes minus their leave-one-out predictions
   *    (QuestionSources). Left out, because a new question is one whose answers were not seen.
   * 4. Each model's vector is the minimum of a logistic loss over u plus a Gaussian prior from the
   *    pool (ModelVectorFit): the problem that a new model's vector is solved with.
   * 5. d is chosen on validation (choose), then scale and shift of the logits (LogitCalibration), which stand
   *    in the classifier: C_1 − C_0 = scale, c_1 − c_0 = shift.
   */
  private static final double INDIFFERENT = 1e-3; // nats

  private final KernelOptions options;
  private final LongSupplier nanoClock;

  public KernelFactorizationTrainer(KernelOptions options) {
    this(options, System::nanoTime);
  }

  /// @param nanoClock monotonic nanoseconds, for the seconds in reports
  public KernelFactorizationTrainer(KernelOptions options, LongSupplier nanoClock) {
    this.options = options;
    this.nanoClock = nanoClock;
  }

  public KernelOptions options() {
    return options;
  }

  /// Fits a pool.
  public KernelTraining fit(TrainingProblem problem) {
    return fit(problem, TrainingListener.NONE);
  }

  /// Fits a pool.
  public KernelTraining fit(TrainingProblem problem, TrainingListener listener) {
    try (Workers workers = new Workers(options.threads())) {
      return new Run(problem, workers, nanoClock.getAsLong()).fit(listener);
    }
  }

  @Override
  public TrainingResult train(TrainingProblem problem, TrainingListener listener) {
    return fit(problem, listener).result();
  }

  @Override
  public Map<String, String> settings(TrainingProblem problem) {
    return Map.of(
        "forecaster", "kernel",
        "landmarks", Integer.toString(options.landmarks()),
        "k-means-rounds", Integer.toString(options.rounds()),
        "gamma-scale", Double.toString(options.gammaScale()),
        "ridges", options.ridges().toString(),
        "dimensions", options.dimensions().toString(),
        "jitter", Double.toString(options.jitter()),
        "content-share", Double.toString(options.contentShare()),
        "attributes-known", Double.toString(options.attributesKnown()));
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

  /// One training.
  private final class Run {
    private final TrainingProblem problem;
    private final CorrectnessMatrix train;
    private final Workers workers;
    private final long started;

    Run(TrainingProblem problem, Workers workers, long started) {
      this.problem = problem;
      this.train = problem.train();
      this.workers = workers;
      this.started = started;
    }

    KernelTraining fit(TrainingListener listener) {
      int most = options.dimensions().stream().mapToInt(d -> d).max().orElseThrow();
      var clock = new PhaseClock(nanoClock, listener);
      AnswerComponents answers = AnswerComponents.of(train, most, workers);
      clock.done("components of the answers", 0);
      double products = (double) options.landmarks() * (options.landmarks() + most);
      KernelWarmUp.await(train.questionCount() * products);
      QuestionSources sources = QuestionSources.of(problem, answers, options, clock, workers);
      clock.done("attributes and surface features", 0);
      List<ItemResponses> pool = ItemResponses.byModel(train);
      ItemParameters known =
          ItemParameters.fit(train, pool, sources.inputs(sources.components()), workers);
      clock.done("item parameters", 0);
      Candidate chosen = choose(sources, pool, known, clock);
      LogitCalibration calibration =
          problem
              .validation()
              .map(v ->
                  ForecastScore.calibration(
                      chosen.rows(), train, v.matrix(), chosen.validation().orElseThrow()))
              .orElse(LogitCalibration.NONE);
      KernelTraining training = assemble(sources, known, chosen, calibration, listener);
      clock.done("calibration and intervals", 0);
      return training;
    }

    /// The largest number of components whose log loss on validation is within [#INDIFFERENT] of
    /// the smallest; without validation, on training questions by their leave-one-out predictions.
    /// Late components hardly move the loss, but they tell the best models apart, which is what a
    /// router needs.
    private Candidate choose(
        QuestionSources sources, List<ItemResponses> pool, ItemParameters known, PhaseClock clock) {
      Ability[] abilities = new Ability[pool.size()];
      workers.run(pool.size(), i -> abilities[i] = known.ability(pool.get(i)));
      clock.done("abilities", 0);
      int[] dimensions =
          options.dimensions().stream()
              .mapToInt(d -> Math.min(d, sources.components()))
              .distinct()
              .sorted()
              .toArray();
      Optional<FloatMatrix> widest =
          problem
              .validation()
              .map(v ->
                  sources.inputs(
                      v.matrix(),
                      v.features(),
                      dimensions[dimensions.length - 1],
                      options.attributesKnown(),
                      workers));
      clock.done("validation inputs", 0);
      List<Candidate> candidates = new ArrayList<>();
      for (int d : dimensions) {
        FloatMatrix inputs = sources.inputs(d);
        ModelVectorFit rows =
            ModelVectorFit.solve(
                pool, List.of(abilities), known, inputs, starts(candidates, d, inputs), workers);
        Optional<FloatMatrix> validation = widest.map(all -> sources.withFirst(d, all));
        ForecastScore score =
            problem
                .validation()
                .map(v ->
                    ForecastScore.of(
                        rows, train, v.matrix(), validation.orElseThrow(), LogitCalibration.NONE))
                .orElseGet(
                    () -> ForecastScore.of(rows, train, train, inputs, LogitCalibration.NONE));
        candidates.add(new Candidate(d, rows, inputs, validation, score));
        clock.done("model vectors, d " + d, rows.operations());
      }
      double least = candidates.stream().mapToDouble(c -> c.score().logLoss()).min().orElseThrow();
      return candidates.reversed().stream()
          .filter(c -> c.score().logLoss() <= least + INDIFFERENT)
          .findFirst()
          .orElseGet(candidates::getLast);
    }

    /// Where the searches for vectors over d components begin: at those over fewer components, with
    /// 0 for the others.
    private double[][] starts(List<Candidate> candidates, int d, FloatMatrix inputs) {
      double[][] starts = new double[train.modelCount()][inputs.columns()];
      if (!candidates.isEmpty()) {
        Candidate last = candidates.getLast();
        int same = 1 + last.components();
        for (int i = 0; i < starts.length; i++) {
          double[] mean = last.rows().row(i).mean();
          System.arraycopy(mean, 0, starts[i], 0, same);
          System.arraycopy(mean, same, starts[i], 1 + d, mean.length - same); // attributes
        }
      }
      return starts;
    }

    private KernelTraining assemble(
        QuestionSources sources,
        ItemParameters known,
        Candidate chosen,
        LogitCalibration calibration,
        TrainingListener listener) {
      int k = chosen.rows().dimension();
      int d = chosen.components();
      float[] classifier = new float[2 * k];
      Arrays.fill(classifier, 0, k, (float) (-calibration.scale() / 2));
      Arrays.fill(classifier, k, 2 * k, (float) (calibration.scale() / 2));
      float half = (float) (calibration.shift() / 2);
      int m = chosen.rows().count();
      float[] vectors = new float[m * k];
      float[] covariances = new float[m * k * k];
      for (int i = 0; i < m; i++) {
        copy(chosen.rows().row(i).mean(), vectors, i * k);
        copy(chosen.rows().row(i).covariance(), covariances, i * k * k);
      }
      var model =
          new MatrixFactorization(
              train.models(),
              problem.encoder(),
              sources.features(),
              FloatMatrix.wrap(m, k, vectors),
              sources.projection(d),
              sources.bias(d),
              FloatMatrix.wrap(2, k, classifier),
              FloatMatrix.wrap(1, 2, new float[] {-half, half}));
      return new KernelTraining(
          model,
          history(chosen, calibration, listener),
          new ModelVectorProblem(known, chosen.inputs(), chosen.rows().prior()),
          FloatMatrix.wrap(m, k * k, covariances),
          chosen.inputs(),
          outOfDistribution(sources, sources.surface(), d),
          sources.content().map(content -> outOfDistribution(sources, content, d)),
          IntStream.range(0, d).mapToObj(sources::ridge).toList(),
          IntStream.range(0, d).mapToObj(sources::explained).toList(),
          calibration);
    }

    private static OutOfDistribution outOfDistribution(
        QuestionSources sources, KernelSource source, int d) {
      return OutOfDistribution.of(source.nearness(), sources.variances(source, d));
    }

    private TrainingHistory history(
        Candidate chosen, LogitCalibration calibration, TrainingListener listener) {
      ForecastScore onTrain =
          ForecastScore.of(chosen.rows(), train, train, chosen.inputs(), calibration);
      Optional<ForecastScore> onValidation =
          problem
              .validation()
              .map(v ->
                  ForecastScore.of(
                      chosen.rows(),
                      train,
                      v.matrix(),
                      chosen.validation().orElseThrow(),
                      calibration));
      double seconds = (nanoClock.getAsLong() - started) * 1e-9;
      var report =
          new EpochReport(
              1,
              1,
              onTrain.logLoss(),
              onValidation
                  .map(s -> OptionalDouble.of(s.accuracy()))
                  .orElseGet(OptionalDouble::empty),
              onValidation
                  .map(s -> OptionalDouble.of(s.logLoss()))
                  .orElseGet(OptionalDouble::empty),
              seconds);
      listener.epochDone(report);
      return TrainingHistory.now(
          List.of(report), train.cellCount(), train.questionCount(), options.threads(), seconds);
    }
  }

  private static void copy(double[] from, float[] to, int at) {
    for (int i = 0; i < from.length; i++) {
      to[at + i] = (float) from[i];
    }
  }

  /// Rows over some of the components.
  ///
  /// @param components d
  /// @param inputs of the training questions, [n, k]
  /// @param validation inputs of the validation questions, where there are some
  private record Candidate(
      int components,
      ModelVectorFit rows,
      FloatMatrix inputs,
      Optional<FloatMatrix> validation,
      ForecastScore score) {}
}
