package org.embedllm.usage;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.ObservedUsage;
import org.embedllm.correctness.UsageQuantity;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.kernel.KernelRegression;
import org.embedllm.tensor.FloatMatrix;

/// Learns from logs what answers take. Reusable and safe for use by several threads.
public final class UsageTrainer {
  /*
   * 1. Targets [n, c]: the logarithm of each quantity of each model, its mean over questions taken off;
   *    an unreported value is at the mean deviation of those that were.
   * 2. Inputs [n, k]: what text says of the targets' principal components, left out (KernelRegression).
   * 3. A row for each model and quantity: CensoredRegression on the inputs, with a prior from the
   *    pool and from models of the same base (CoefficientPriors), by turns.
   * 4. The mean: a Poisson regression of the quantity itself on the row's forecast, so that expected
   *    sums are right although the forecast is one of logarithms.
   * 5. The interval: quantiles of standardized errors on questions that were not learned from
   *    (split conformal prediction, Papadopoulos et al., 2002).
   */
  private static final KernelOptions KERNEL =
      KernelOptions.DEFAULT.withLandmarks(512).withRounds(2).withRidges(List.of(1.0, 4.0, 16.0));
  private static final int COMPONENTS = 12;
  private static final int ROUNDS = 4;

  private final KernelOptions options;

  /// @param seed of where the landmarks start
  /// @param threads that share the work; no influence on the result
  public UsageTrainer(long seed, int threads) {
    this.options = KERNEL.withSeed(seed).withThreads(threads);
  }

  /// Usage of answers to questions, and the questions' vectors.
  ///
  /// @param usage [m, n]
  /// @param vectors [n, q]
  public record Observed(ObservedUsage usage, FloatMatrix vectors) {
    public Observed {
      if (usage.questionCount() != vectors.rows()) {
        throw new IllegalArgumentException(
            "usage of %d questions does not fit %s".formatted(usage.questionCount(), vectors));
      }
    }
  }

  /// Learns.
  ///
  /// @param models names of the m models
  /// @param train what is learned from
  /// @param validation where intervals are measured; where it reports nothing, that is on `train`
  /// @return empty where nothing was reported
  public Optional<UsageModel> fit(List<String> models, Observed train, Observed validation) {
    List<UsageQuantity> quantities = new ArrayList<>();
    for (UsageQuantity quantity : UsageQuantity.values()) {
      if (quantity != UsageQuantity.INPUT_TOKENS && train.usage().reports(quantity)) {
        quantities.add(quantity);
      }
    }
    if (quantities.isEmpty() || isZero(train.vectors())) {
      return Optional.empty();
    }
    Map<UsageQuantity, QuantityCells> cells = new EnumMap<>(UsageQuantity.class);
    quantities.forEach(q -> cells.put(q, QuantityCells.of(q, train.usage())));
    KernelRegression text =
        KernelRegression.fit(train.vectors(), targets(cells, train), COMPONENTS, options);
    int k = text.inputs().columns();
    Map<UsageQuantity, UsageModel.Rows> none = new EnumMap<>(UsageQuantity.class);
    UsageModel shell =
        new UsageModel(models, text.features(), text.projection(), text.bias(), none);
    double[] learned = doubles(text.inputs());
    double[] held = shell.inputs(validation.vectors());
    Map<UsageQuantity, UsageModel.Rows> rows = new EnumMap<>(UsageQuantity.class);
    for (UsageQuantity quantity : quantities) {
      QuantityCells own = requireNonNull(cells.get(quantity));
      rows.put(
          quantity,
          rows(
              models,
              k,
              learned,
              own,
              held,
              QuantityCells.of(quantity, validation.usage()).cutAs(own)));
    }
    return Optional.of(
        new UsageModel(models, text.features(), text.projection(), text.bias(), rows));
  }

  /// [n, c]: a column for each quantity and model with a value.
  private static FloatMatrix targets(Map<UsageQuantity, QuantityCells> cells, Observed train) {
    int n = train.vectors().rows();
    int c = cells.values().stream().mapToInt(QuantityCells::reportedModels).sum();
    float[] targets = new float[Math.multiplyExact(n, c)];
    int at = 0;
    for (QuantityCells own : cells.values()) {
      at = own.centered(n, targets, c, at);
    }
    return FloatMatrix.wrap(n, c, targets);
  }

  private static UsageModel.Rows rows(
      List<String> models,
      int k,
      double[] learned,
      QuantityCells cells,
      double[] held,
      QuantityCells validation) {
    List<Integer> known = cells.known();
    List<String> bases = known.stream().map(i -> CoefficientPriors.base(models.get(i))).toList();
    CoefficientPriors priors = CoefficientPriors.wide(known.size(), k, cells.level());
    double noise = cells.spread();
    List<CensoredRegression.Row> fitted = List.of();
    for (int round = 0; round < ROUNDS; round++) {
      List<CensoredRegression.Row> next = new ArrayList<>();
      for (int at = 0; at < known.size(); at++) {
        next.add(
            cells.of(known.get(at)).fit(k, learned, priors.mean(at), priors.variances(at), noise));
      }
      fitted = next;
      priors = CoefficientPriors.of(bases, fitted);
      noise = fitted.stream().mapToDouble(CensoredRegression.Row::noise).average().orElseThrow();
    }
    boolean measured = validation.count() > 0;
    ErrorQuantiles errors =
        ErrorQuantiles.of(
            known, fitted, measured ? validation : cells, measured ? held : learned, k);
    List<Optional<UsageRow>> rows = new ArrayList<>();
    models.forEach(name -> rows.add(Optional.empty()));
    for (int at = 0; at < known.size(); at++) {
      int model = known.get(at);
      double[] mean = cells.of(model).meanLine(fitted.get(at), learned, k);
      rows.set(
          model,
          Optional.of(
              new UsageRow(
                  fitted.get(at),
                  mean[0],
                  mean[1],
                  errors.low(at),
                  errors.high(at),
                  cells.of(model).meanLog(),
                  cells.of(model).limit())));
    }
    return new UsageModel.Rows(rows, priors.tensor());
  }

  private static double[] doubles(FloatMatrix matrix) {
    float[] from = matrix.sharedArray();
    double[] to = new double[from.length];
    for (int i = 0; i < to.length; i++) {
      to[i] = from[i];
    }
    return to;
  }

  private static boolean isZero(FloatMatrix vectors) {
    for (float value : vectors.sharedArray()) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }
}
