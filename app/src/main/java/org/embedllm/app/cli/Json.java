package org.embedllm.app.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.Interval;
import org.jspecify.annotations.Nullable;

/// A builder of a JSON object; keys keep their order.
public final class Json {
  private final Map<String, @Nullable Object> keys = new LinkedHashMap<>();

  public Json put(String key, @Nullable Object value) {
    keys.put(key, value instanceof Json object ? object.document() : value);
    return this;
  }

  /// A number, and beside it `KEYInterval`.
  public Json put(String key, Estimate estimate) {
    keys.put(key, estimate.value());
    keys.put(key + "Interval", ends(estimate.interval()));
    return this;
  }

  /// The same, or two nulls where the number was not measured.
  public Json put(String key, Optional<Estimate> estimate) {
    if (estimate.isPresent()) {
      return put(key, estimate.get());
    }
    keys.put(key, null);
    keys.put(key + "Interval", null);
    return this;
  }

  private static @Nullable List<Double> ends(Interval interval) {
    return Double.isNaN(interval.low()) ? null : List.of(interval.low(), interval.high());
  }

  /// The object as a map, for [Console#json].
  public Map<String, @Nullable Object> document() {
    return keys;
  }
}
