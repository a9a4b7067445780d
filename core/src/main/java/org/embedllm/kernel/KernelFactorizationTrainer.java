package org.embedllm.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
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
import org.embedllm.itemresponse.Responses;
import org.embedllm.linalg.Kernels;
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
   * 2. For each component a kernel ridge regression on r landmarks; its λ has the smallest
   *    leave-one-out error (LeaveOneOutRidge). A component that text cannot predict shrinks; one that
   *    it predicts no better than chance is left out. Where none remains, each model is forecast at
   *    its own rate.
   * 3. u_j [1 + d]: a constant 1 and the leave-one-out predictions of question j, each divided by
   *    its standard deviation. Leave-one-out, because the answers of a new question are unknown too.
   * 4. Each model's vector is the minimum of a logistic loss over u plus a Gaussian prior from the
   *    pool (ModelVectorFit, PenalizedLogisticRegression). New models solve the same problem.
   * 5. d is chosen on validation (choose), then scale and shift of the logits (LogitCalibration).
   *    They are stored in the classifier: C_1 − C_0 = scale, c_1 − c_0 = shift.
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
        "jitter", Double.toString(options.jitter()));
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
    private final Kernels kernels = Kernels.best();
    private final long started;

    Run(TrainingProblem problem, Workers workers, long started) {
      this.problem = problem;
      this.train = problem.train();
      this.workers = workers;
      this.started = started;
    }

    KernelTraining fit(TrainingListener listener) {
      LandmarkKernel landmarks = LandmarkKernel.choose(problem.features(), options, workers);
      FloatMatrix kernel = landmarks.map(problem.features(), workers);
      FloatMatrix landmarkKernel = landmarks.map(landmarks.landmarks(), workers);
      var ridge = new LeaveOneOutRidge(kernel, landmarkKernel, options.jitter(), kernels, workers);
      int most = options.dimensions().stream().mapToInt(d -> d).max().orElseThrow();
      AnswerComponents components = AnswerComponents.of(train, most);
      var fit = ridge.fit(components, components.count(), options.ridges()).telling();
      LeaveOneOutPredictions trained = LeaveOneOutPredictions.of(fit, train.questionCount());
      Optional<double[]> held =
          problem.validation().map(v -> project(landmarks, fit, trained, v.features()));
      ItemParameters known =
          ItemParameters.fit(train, trained.inputs(trained.dimension()), workers);
      Candidate chosen = choose(trained, known, held);
      LogitCalibration calibration =
          problem
              .validation()
              .map(v ->
                  ForecastScore.calibration(chosen.rows(), train, v.matrix(), held.orElseThrow()))
              .orElse(LogitCalibration.NONE);
      OutOfDistribution novelty =
          OutOfDistributionFit.of(
              new OutOfDistributionFit.Ground(
                  problem.features(),
                  kernel,
                  landmarks,
                  landmarkKernel,
                  Arrays.stream(fit.ridges()).findFirst().orElse(strongestRidge()),
                  options.jitter()),
              variances(fit, trained, chosen.rows().dimension()),
              new SemanticSimilarity(landmarks.features(), problem.encoder().textFeatures()),
              workers);
      return assemble(landmarks, fit, trained, known, chosen, calibration, novelty, held, listener);
    }

    private double strongestRidge() {
      return options.ridges().stream().mapToDouble(r -> r).max().orElseThrow();
    }

    /// The largest number of components whose log loss on validation is within [#INDIFFERENT] of
    /// the smallest; without validation, on training questions by their leave-one-out predictions.
    /// Late components hardly change the loss, but they tell the best models apart, which is what a
    /// router needs.
    private Candidate choose(
        LeaveOneOutPredictions trained, ItemParameters known, Optional<double[]> held) {
      List<Responses> pool = Responses.byModel(train);
      Ability[] abilities = new Ability[pool.size()];
      workers.run(pool.size(), i -> abilities[i] = known.ability(pool.get(i)));
      List<Candidate> candidates = new ArrayList<>();
      for (int d :
          options.dimensions().stream()
              .mapToInt(d -> Math.min(d, trained.dimension()))
              .distinct()
              .sorted()
              .toArray()) {
        ModelVectorFit rows =
            ModelVectorFit.solve(pool, List.of(abilities), known, trained.inputs(d), workers);
        ForecastScore score =
            problem
                .validation()
                .map(v -> score(rows, v.matrix(), held.orElseThrow(), LogitCalibration.NONE))
                .orElseGet(() -> score(rows, train, trained.values(), LogitCalibration.NONE));
        candidates.add(new Candidate(rows, score));
      }
      double least = candidates.stream().mapToDouble(c -> c.score().logLoss()).min().orElseThrow();
      return candidates.reversed().stream()
          .filter(c -> c.score().logLoss() <= least + INDIFFERENT)
          .findFirst()
          .orElseGet(candidates::getLast);
    }

    private ForecastScore score(
        ModelVectorFit rows,
        CorrectnessMatrix matrix,
        double[] latents,
        LogitCalibration calibration) {
      return ForecastScore.of(rows, train, matrix, latents, calibration);
    }

    /// Prior variance S = σ² / λ of each coordinate of a projected question, [1, k].
    private static FloatMatrix variances(
        LeaveOneOutRidge.Fit fit, LeaveOneOutPredictions trained, int k) {
      float[] variances = new float[k];
      for (int c = 0; c < k - 1; c++) {
        double scale = trained.scale(c);
        variances[c + 1] = (float) (fit.errors()[c] / fit.ridges()[c] / (scale * scale));
      }
      return FloatMatrix.wrap(1, k, variances);
    }

    /// Standardized latents [n, all d] of further questions.
    private double[] project(
        LandmarkKernel landmarks,
        LeaveOneOutRidge.Fit fit,
        LeaveOneOutPredictions trained,
        FloatMatrix vectors) {
      FloatMatrix kernel = landmarks.map(vectors, workers);
      int d = fit.dimension();
      int r = kernel.columns();
      double[] result = new double[kernel.rows() * d];
      workers.run(
          kernel.rows(),
          j -> {
            for (int c = 0; c < d; c++) {
              double sum = fit.intercepts()[c];
              for (int i = 0; i < r; i++) {
                sum += fit.weights()[c * r + i] * kernel.get(j, i);
              }
              result[j * d + c] = sum / trained.scale(c);
            }
          });
      return result;
    }

    private KernelTraining assemble(
        LandmarkKernel landmarks,
        LeaveOneOutRidge.Fit fit,
        LeaveOneOutPredictions trained,
        ItemParameters known,
        Candidate chosen,
        LogitCalibration calibration,
        OutOfDistribution novelty,
        Optional<double[]> held,
        TrainingListener listener) {
      int k = chosen.rows().dimension();
      int d = k - 1;
      int r = landmarks.count();
      float[] projection = new float[k * r];
      float[] bias = new float[k];
      bias[0] = 1;
      for (int c = 0; c < d; c++) {
        for (int i = 0; i < r; i++) {
          projection[(c + 1) * r + i] = (float) (fit.weights()[c * r + i] / trained.scale(c));
        }
        bias[c + 1] = (float) (fit.intercepts()[c] / trained.scale(c));
      }
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
              landmarks.features(),
              FloatMatrix.wrap(m, k, vectors),
              FloatMatrix.wrap(k, r, projection),
              FloatMatrix.wrap(1, k, bias),
              FloatMatrix.wrap(2, k, classifier),
              FloatMatrix.wrap(1, 2, new float[] {-half, half}));
      return new KernelTraining(
          model,
          history(chosen, trained, calibration, held, listener),
          new ModelVectorProblem(known, trained.inputs(d), chosen.rows().prior()),
          FloatMatrix.wrap(m, k * k, covariances),
          trained.inputs(d),
          novelty,
          list(fit.ridges(), d),
          list(fit.explained(), d),
          calibration);
    }

    private TrainingHistory history(
        Candidate chosen,
        LeaveOneOutPredictions trained,
        LogitCalibration calibration,
        Optional<double[]> held,
        TrainingListener listener) {
      ForecastScore onTrain = score(chosen.rows(), train, trained.values(), calibration);
      Optional<ForecastScore> onHeld =
          problem
              .validation()
              .map(v -> score(chosen.rows(), v.matrix(), held.orElseThrow(), calibration));
      double seconds = (nanoClock.getAsLong() - started) * 1e-9;
      var report =
          new EpochReport(
              1,
              1,
              onTrain.logLoss(),
              onHeld.map(s -> OptionalDouble.of(s.accuracy())).orElseGet(OptionalDouble::empty),
              onHeld.map(s -> OptionalDouble.of(s.logLoss())).orElseGet(OptionalDouble::empty),
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

  private static List<Double> list(double[] values, int count) {
    return Arrays.stream(values, 0, count).boxed().toList();
  }

  private record Candidate(ModelVectorFit rows, ForecastScore score) {}
}
