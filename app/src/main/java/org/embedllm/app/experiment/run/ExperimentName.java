package org.embedllm.app.experiment.run;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The experiments, in the order of a report.
public enum ExperimentName {
  TABLE1("Forecasting by training size"),
  ROUTING("Routing"),
  BENCHMARKS("Accuracy on a benchmark never run"),
  COMMUNITIES("Communities and similarity"),
  CONTRIBUTIONS("Contributions of benchmarks"),
  COSTS("Quality and cost"),
  NEWMODELS("New models");

  private final String title;

  ExperimentName(String title) {
    this.title = title;
  }

  /// Its heading in a report.
  public String title() {
    return title;
  }

  /// Its name on the command line and of its files.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The experiment of a name.
  public static Optional<ExperimentName> named(String label) {
    return Arrays.stream(values()).filter(name -> name.label().equals(label)).findFirst();
  }

  /// All names, as they are typed.
  public static List<String> labels() {
    return Arrays.stream(values()).map(ExperimentName::label).toList();
  }
}
