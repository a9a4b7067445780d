package org.embedllm.usage;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.embedllm.correctness.UsageQuantity;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.tensor.FloatMatrix;

/// Forecasts what an answer takes: for each model a row of coefficients over inputs that all models
/// and quantities share. Immutable, and safe for use by several threads.
public final class UsageModel {
  private final List<String> models;
  private final FeatureMap.Kernel features;
  private final FloatMatrix projection; // [k − 1, r]
  private final FloatMatrix bias; // [1, k − 1]
  private final Map<UsageQuantity, Rows> rows;

  /// What is known of one quantity.
  ///
  /// @param rows one for each model; empty for a model of which nothing is known
  /// @param prior [2, k]: mean and variances of the coefficients of a further model
  record Rows(List<Optional<UsageRow>> rows, FloatMatrix prior) {
    Rows {
      rows = List.copyOf(rows);
    }
  }

  UsageModel(
      List<String> models,
      FeatureMap.Kernel features,
      FloatMatrix projection,
      FloatMatrix bias,
      Map<UsageQuantity, Rows> rows) {
    this.models = List.copyOf(models);
    this.features = features;
    this.projection = projection;
    this.bias = bias;
    this.rows = Collections.unmodifiableMap(new EnumMap<>(rows));
    int k = projection.rows() + 1;
    if (projection.columns() != features.outputDimension() || bias.columns() != k - 1) {
      throw new IllegalArgumentException("projection and bias do not fit the landmarks");
    }
    rows.forEach((quantity, known) -> {
      if (known.rows().size() != models.size()
          || known.prior().columns() != k
          || known.rows().stream()
              .flatMap(Optional::stream)
              .anyMatch(row -> row.regression().mean().length != k)) {
        throw new IllegalArgumentException(
            "the rows of %s do not fit the models".formatted(quantity.label()));
      }
    });
  }

  /// Names of the models, in row order.
  public List<String> models() {
    return models;
  }

  /// What is known of any model.
  public Set<UsageQuantity> quantities() {
    return rows.keySet();
  }

  /// γ of the kernel.
  public float gamma() {
    return features.gamma();
  }

  /// Length of a question vector, q.
  public int inputDimension() {
    return features.inputDimension();
  }

  /// Number of answers that a model's forecast was learned from; 0 where nothing is known.
  public int answers(UsageQuantity quantity, String model) {
    return row(quantity, models.indexOf(model)).map(row -> row.regression().answers()).orElse(0);
  }

  /// What is expected of every model's answer to a question.
  ///
  /// @param vector `[q]`
  public UsageForecast forecast(float[] vector) {
    double[] inputs = inputs(FloatMatrix.wrap(1, vector.length, vector));
    List<UsageForecast.OfModel> all = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      Map<UsageQuantity, UsageEstimate> estimates = new EnumMap<>(UsageQuantity.class);
      for (UsageQuantity quantity : rows.keySet()) {
        row(quantity, i).ifPresent(row -> estimates.put(quantity, row.estimate(inputs, 0)));
      }
      if (!estimates.isEmpty()) {
        all.add(new UsageForecast.OfModel(models.get(i), estimates));
      }
    }
    return new UsageForecast(all);
  }

  /// Expected values of a quantity for many questions.
  ///
  /// @param vectors [n, q]
  /// @param names m models, in the order of the result
  /// @return [n, m]; NaN where nothing is known of a model
  public FloatMatrix means(UsageQuantity quantity, FloatMatrix vectors, List<String> names) {
    int n = vectors.rows();
    int m = names.size();
    int k = dimension();
    double[] inputs = inputs(vectors);
    float[] means = new float[Math.multiplyExact(n, m)];
    for (int i = 0; i < m; i++) {
      Optional<UsageRow> row = row(quantity, models.indexOf(names.get(i)));
      for (int j = 0; j < n; j++) {
        means[j * m + i] = row.isPresent() ? (float) row.get().mean(inputs, j * k) : Float.NaN;
      }
    }
    return FloatMatrix.wrap(n, m, means);
  }

  /// k, the number of inputs.
  int dimension() {
    return projection.rows() + 1;
  }

  FeatureMap.Kernel features() {
    return features;
  }

  FloatMatrix projection() {
    return projection;
  }

  FloatMatrix bias() {
    return bias;
  }

  Map<UsageQuantity, Rows> rows() {
    return rows;
  }

  /// The row of a model; empty where nothing is known or there is no such model.
  Optional<UsageRow> row(UsageQuantity quantity, int model) {
    Rows known = rows.get(quantity);
    return known == null || model < 0 ? Optional.empty() : known.rows().get(model);
  }

  /// The same forecasts but for one row.
  UsageModel with(UsageQuantity quantity, int model, UsageRow row) {
    Map<UsageQuantity, Rows> changed = new EnumMap<>(UsageQuantity.class);
    changed.putAll(rows);
    Rows old = rows.get(quantity);
    if (old == null) {
      throw new IllegalArgumentException("nothing is known of " + quantity.label());
    }
    List<Optional<UsageRow>> list = new ArrayList<>(old.rows());
    list.set(model, Optional.of(row));
    changed.put(quantity, new Rows(list, old.prior()));
    return new UsageModel(models, features, projection, bias, changed);
  }

  /// Inputs of questions, [n, k]: a constant and the standardized latents.
  double[] inputs(FloatMatrix vectors) {
    if (vectors.columns() != features.inputDimension()) {
      throw new IllegalArgumentException(
          "usage is forecast from vectors of dimension %d; got %d"
              .formatted(features.inputDimension(), vectors.columns()));
    }
    int n = vectors.rows();
    int k = dimension();
    int r = features.outputDimension();
    float[] weights = projection.sharedArray();
    double[] inputs = new double[Math.multiplyExact(n, k)];
    for (int j = 0; j < n; j++) {
      float[] mapped = features.map(vectors, j, 1);
      inputs[j * k] = 1;
      for (int c = 0; c < k - 1; c++) {
        double sum = bias.get(0, c);
        for (int l = 0; l < r; l++) {
          sum += (double) weights[c * r + l] * mapped[l];
        }
        inputs[j * k + 1 + c] = sum;
      }
    }
    return inputs;
  }
}
