package org.embedllm.source;

import java.util.Map;
import java.util.TreeMap;

/// How a model ran, as far as a log says it and as it tells models apart.
///
/// @param format name of the log's layout
/// @param model the model's name in the log
/// @param task the task whose arguments these are; empty where they are the model's own
/// @param arguments by name, without those that say only where the model ran
/// @param difference what is put behind the model's name, such as `load_in_4bit=True`; empty where
///   the name stays as it is
public record ModelRun(
    String format, String model, String task, Map<String, String> arguments, String difference) {
  public ModelRun {
    arguments = java.util.Collections.unmodifiableMap(new TreeMap<>(arguments));
  }

  /// The model's name in the data set.
  public String name() {
    return named(model, difference);
  }

  /// A model's name with what tells it from others: `org/m [load_in_4bit=True]`.
  public static String named(String model, String difference) {
    return difference.isEmpty() ? model : model + " [" + difference + "]";
  }

  /// Whether another run has the same name, and other arguments.
  public boolean isMistakenFor(ModelRun other) {
    return withArguments(Map.of()).equals(other.withArguments(Map.of()))
        && !arguments.equals(other.arguments);
  }

  private ModelRun withArguments(Map<String, String> value) {
    return new ModelRun(format, model, task, value, difference);
  }

  /// The run of the same arguments with another difference.
  ModelRun withDifference(String value) {
    return new ModelRun(format, model, task, arguments, value);
  }
}
