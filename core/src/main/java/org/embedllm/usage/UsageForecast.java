package org.embedllm.usage;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.UsageQuantity;

/// What each model's answer to one question is expected to take.
///
/// @param models one entry for each model that anything is known of
public record UsageForecast(List<OfModel> models) {
  /// Nothing is known of any model.
  public static final UsageForecast UNKNOWN = new UsageForecast(List.of());

  public UsageForecast {
    models = List.copyOf(models);
  }

  /// What one model's answer is expected to take.
  ///
  /// @param model its name
  /// @param estimates by quantity; a quantity that nothing is known of is absent
  public record OfModel(String model, Map<UsageQuantity, UsageEstimate> estimates) {
    public OfModel {
      estimates =
          estimates.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(estimates));
    }
  }

  /// What is expected of a quantity; empty where nothing is known of it.
  public Optional<UsageEstimate> of(String model, UsageQuantity quantity) {
    for (OfModel one : models) {
      if (one.model().equals(model)) {
        return Optional.ofNullable(one.estimates().get(quantity));
      }
    }
    return Optional.empty();
  }
}
