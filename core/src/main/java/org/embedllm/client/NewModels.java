package org.embedllm.client;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.embedllm.facts.FactsFile;
import org.embedllm.storage.BadInputException;

/// What is known of new models: answers, votes, facts, texts that they wrote, or several of these.
///
/// @param responses a table of answers (`model_name`, `label` or `score`, and `prompt_id` or
///   `prompt`), of votes (`model_a`, `model_b`, `winner`), or of both
/// @param facts by model and column, such as `parameters`; where given, names give size and family
/// @param outputs a table of texts that the models wrote: `model_name`, `output`, and where it is
///   known `benchmark`
public record NewModels(
    Optional<Path> responses,
    Optional<Map<String, Map<String, String>>> facts,
    Optional<Path> outputs) {
  public NewModels {
    facts = facts.map(f -> Collections.unmodifiableMap(new LinkedHashMap<>(f))); // in their order
  }

  /// Models with answers, with votes, or with both.
  ///
  /// @param responses the table
  public static NewModels ofResponses(Path responses) {
    return new NewModels(Optional.of(responses), Optional.empty(), Optional.empty());
  }

  /// Models of which facts are known.
  ///
  /// @param facts by model and column; a model without any goes by its name
  public static NewModels ofFacts(Map<String, Map<String, String>> facts) {
    return new NewModels(Optional.empty(), Optional.of(facts), Optional.empty());
  }

  /// Models with texts of answers, scored or not.
  ///
  /// @param outputs the table, CSV or JSON Lines
  public static NewModels ofOutputs(Path outputs) {
    return new NewModels(Optional.empty(), Optional.empty(), Optional.of(outputs));
  }

  /// The same with facts.
  public NewModels withFacts(Map<String, Map<String, String>> more) {
    return new NewModels(responses, Optional.of(more), outputs);
  }

  /// The same with facts from a CSV with the column `model` and any others.
  ///
  /// @throws BadInputException when the file is no such table
  /// @throws IOException when it cannot be read
  public NewModels withFacts(Path csv) throws IOException {
    return withFacts(FactsFile.read(csv));
  }

  /// The same with texts of answers.
  public NewModels withOutputs(Path table) {
    return new NewModels(responses, facts, Optional.of(table));
  }
}
