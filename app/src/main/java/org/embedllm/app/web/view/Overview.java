package org.embedllm.app.web.view;

import java.util.List;
import java.util.Optional;
import org.embedllm.app.report.SimulatedNote;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.NestedKernels;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.routing.RoutingPolicies;

/// What the page begins with.
///
/// @param model file name of the model file
/// @param encoder name of the encoder its vectors come from
/// @param forecaster name of the method
/// @param dimension d of its vectors
/// @param models m
/// @param questions training questions
/// @param cells answers to them
/// @param createdBy version of the program that trained it
/// @param benchmarks in the order of all other answers
/// @param has what can be asked for
/// @param policies that the playground knows
/// @param quantity what probabilities are, where they are not of right answers
/// @param note a warning about all numbers, where there is one
/// @param version of this program
public record Overview(
    String model,
    String encoder,
    String forecaster,
    int dimension,
    int models,
    int questions,
    int cells,
    String createdBy,
    List<Benchmark> benchmarks,
    Has has,
    List<String> policies,
    Optional<String> quantity,
    Optional<String> note,
    String version) {
  /// @param questions training questions of it
  public record Benchmark(String name, int questions) {}

  /// @param questions texts and answers of the training questions
  /// @param dataset a data set with a test part
  /// @param prices the price of a call of at least one model
  /// @param gateway whether the page belongs to a gateway
  /// @param live whether its decisions can be shown
  /// @param encoder whether new prompts can be encoded
  public record Has(
      boolean questions,
      boolean dataset,
      boolean prices,
      boolean gateway,
      boolean live,
      boolean encoder) {}

  /// @param version of this program
  public static Overview of(ModelSpace space, Has has, String version) {
    AnswerCounts counts = space.counts();
    int cells = 0;
    for (int i = 0; i < space.models().size(); i++) {
      cells += counts.cells(i);
    }
    return new Overview(
        String.valueOf(space.file().getFileName()),
        space.artifact().encoder().name(),
        switch (space.artifact().factorization().features()) {
          case FeatureMap.Identity identity -> "linear factorization";
          case FeatureMap.Kernel kernel -> "kernel factorization";
          case NestedKernels nested -> "kernel factorization";
        },
        space.artifact().factorization().dimension(),
        space.models().size(),
        counts.questions(),
        cells,
        space.artifact().provenance().programVersion(),
        counts.benchmarks().stream()
            .map(name -> new Benchmark(name, counts.questions(name)))
            .toList(),
        has,
        has.prices() ? RoutingPolicies.NAMES : List.of("best"),
        Optional.of(space.artifact().quantity())
            .filter(quantity -> quantity != ForecastQuantity.CORRECTNESS)
            .map(ForecastQuantity::label),
        SimulatedNote.of(space.models()).or(() -> note(space.artifact().quantity())),
        version);
  }

  private static Optional<String> note(ForecastQuantity quantity) {
    return switch (quantity) {
      case CORRECTNESS -> Optional.empty();
      case PREFERENCE ->
          Optional.of(
              "This pool learned from votes. Probabilities are of being preferred over an average model of the pool. A model wins a question with at least half of its votes there.");
    };
  }
}
