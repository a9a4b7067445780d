package org.embedllm.usage;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.embedllm.correctness.UsageQuantity;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.tensor.FloatMatrix;

/// How a [UsageModel] is kept as float32 tensors.
///
/// | tensor | shape | is |
/// |---|---|---|
/// | `usage.landmarks` | [r, q] | landmarks of its kernel |
/// | `usage.projection`, `usage.bias` | [k − 1, r], [1, k − 1] | from kernel values to inputs |
/// | `usage.QUANTITY.rows` | [m, k] | coefficients of each model |
/// | `usage.QUANTITY.covariances` | [m, k * k] | their covariances |
/// | `usage.QUANTITY.scales` | [m, 8] | answers (none: nothing is known), σ², offset, slope, low, high, mean logarithm, limit |
/// | `usage.QUANTITY.prior` | [2, k] | mean and variances of a further model's coefficients |
public final class UsageTensors {
  /// What every name begins with.
  public static final String PREFIX = "usage.";

  private static final String LANDMARKS = PREFIX + "landmarks";
  private static final String PROJECTION = PREFIX + "projection";
  private static final String BIAS = PREFIX + "bias";

  private UsageTensors() {}

  /// The tensors of a model, by name.
  public static Map<String, FloatMatrix> of(UsageModel model) {
    Map<String, FloatMatrix> tensors = new TreeMap<>();
    tensors.put(LANDMARKS, model.features().landmarks());
    tensors.put(PROJECTION, model.projection());
    tensors.put(BIAS, model.bias());
    int m = model.models().size();
    int k = model.dimension();
    model
        .rows()
        .forEach((quantity, known) -> {
          float[] vectors = new float[m * k];
          float[] covariances = new float[m * k * k];
          float[] scales = new float[m * UsageRow.SCALES];
          for (int i = 0; i < m; i++) {
            Optional<UsageRow> row = known.rows().get(i);
            if (row.isPresent()) {
              copy(row.get().regression().mean(), vectors, i * k);
              copy(row.get().regression().covariance(), covariances, i * k * k);
              float[] own = row.get().scales();
              System.arraycopy(own, 0, scales, i * UsageRow.SCALES, own.length);
            }
          }
          String name = PREFIX + quantity.label();
          tensors.put(name + ".rows", FloatMatrix.wrap(m, k, vectors));
          tensors.put(name + ".covariances", FloatMatrix.wrap(m, k * k, covariances));
          tensors.put(name + ".scales", FloatMatrix.wrap(m, UsageRow.SCALES, scales));
          tensors.put(name + ".prior", known.prior());
        });
    return tensors;
  }

  private static void copy(double[] from, float[] to, int at) {
    for (int i = 0; i < from.length; i++) {
      to[at + i] = (float) from[i];
    }
  }

  /// The model that some tensors are of.
  ///
  /// @param tensors may hold others too
  /// @param models names in row order
  /// @param gamma γ of the kernel
  /// @return empty where there are none
  /// @throws IllegalArgumentException when they do not fit together
  public static Optional<UsageModel> read(
      Map<String, FloatMatrix> tensors, List<String> models, float gamma) {
    FloatMatrix landmarks = tensors.get(LANDMARKS);
    if (landmarks == null) {
      return Optional.empty();
    }
    Map<UsageQuantity, UsageModel.Rows> rows = new EnumMap<>(UsageQuantity.class);
    for (UsageQuantity quantity : UsageQuantity.values()) {
      String name = PREFIX + quantity.label();
      if (tensors.containsKey(name + ".rows")) {
        rows.put(quantity, rows(tensors, name, models.size()));
      }
    }
    return Optional.of(
        new UsageModel(
            models,
            new FeatureMap.Kernel(landmarks, gamma),
            required(tensors, PROJECTION),
            required(tensors, BIAS),
            rows));
  }

  private static UsageModel.Rows rows(Map<String, FloatMatrix> tensors, String name, int m) {
    FloatMatrix vectors = required(tensors, name + ".rows");
    FloatMatrix covariances = required(tensors, name + ".covariances");
    FloatMatrix scales = required(tensors, name + ".scales");
    int k = vectors.columns();
    if (vectors.rows() != m
        || covariances.rows() != m
        || covariances.columns() != k * k
        || scales.rows() != m
        || scales.columns() != UsageRow.SCALES) {
      throw new IllegalArgumentException(
          "the tensors of %s do not fit %d models".formatted(name, m));
    }
    List<Optional<UsageRow>> rows = new ArrayList<>(m);
    for (int i = 0; i < m; i++) {
      rows.add(
          scales.get(i, 0) > 0
              ? Optional.of(UsageRow.of(vectors, covariances, scales, i))
              : Optional.empty());
    }
    return new UsageModel.Rows(rows, required(tensors, name + ".prior"));
  }

  private static FloatMatrix required(Map<String, FloatMatrix> tensors, String name) {
    FloatMatrix tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("the tensor %s is missing".formatted(name));
    }
    return tensor;
  }
}
