package org.embedllm.benchmarks;

import java.util.HashMap;
import java.util.Map;

/// Arguments of a harness: `--name value` or `--name`.
final class Flags {
  private final Map<String, String> values;

  private Flags(Map<String, String> values) {
    this.values = values;
  }

  static Flags of(String[] arguments) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < arguments.length; i++) {
      if (!arguments[i].startsWith("--")) {
        throw new IllegalArgumentException("expected --name; got " + arguments[i]);
      }
      boolean hasValue = i + 1 < arguments.length && !arguments[i + 1].startsWith("--");
      values.put(arguments[i].substring(2), hasValue ? arguments[i + 1] : "");
      i += hasValue ? 1 : 0;
    }
    return new Flags(values);
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  String text(String name) {
    if (!has(name)) {
      throw new IllegalArgumentException("--" + name + " is missing");
    }
    return values.getOrDefault(name, "");
  }

  int integer(String name, int absent) {
    return has(name) ? Integer.parseInt(values.getOrDefault(name, "")) : absent;
  }

  double number(String name, double absent) {
    return has(name) ? Double.parseDouble(values.getOrDefault(name, "")) : absent;
  }
}
