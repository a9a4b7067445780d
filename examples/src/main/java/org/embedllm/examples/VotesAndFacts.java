package org.embedllm.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.embedllm.client.AddedModel;
import org.embedllm.client.EmbedLlm;
import org.embedllm.client.NewModels;
import org.embedllm.client.TrainingChoices;

/// Other evidence than right and wrong: votes, graded answers, what models write, and what is known
/// of a model before its first answer.
public final class VotesAndFacts {
  private static final String ENCODER = "minilm-l6";

  private VotesAndFacts() {}

  /// Trains a pool on votes and takes in one more.
  ///
  /// @param votes a table with the columns `model_a`, `model_b`, `winner` and `prompt`
  /// @param modelFile to write
  /// @return how likely each model's answer is preferred over an average model's, by name
  static Map<String, Double> preferences(Path votes, Path modelFile, String prompt)
      throws IOException {
    EmbedLlm.train(votes, ENCODER, modelFile);
    try (EmbedLlm pool = EmbedLlm.open(modelFile)) {
      List<String> models = pool.models();
      pool.learnVote(prompt, models.getFirst(), models.getLast());
      Map<String, Double> preferred = new TreeMap<>();
      pool.forecast(prompt).models().forEach(f -> preferred.put(f.model(), f.probability()));
      return preferred;
    }
  }

  /// Trains a pool on labels that are made of graded scores.
  ///
  /// @param graded a table with a column `score` from 0 to 1
  /// @param threshold the score from which an answer is right, such as 0.75
  /// @param modelFile to write
  static void labels(Path graded, double threshold, Path modelFile) throws IOException {
    EmbedLlm.train(graded, ENCODER, modelFile, TrainingChoices.DEFAULT.withRightFrom(threshold));
  }

  /// Adds new models by their answers, by votes against models of the pool, or by both.
  ///
  /// @param modelFile what `train` wrote, with its questions beside it
  /// @param table of answers or votes
  /// @param target to write
  static List<AddedModel> addByAnswers(Path modelFile, Path table, Path target) throws IOException {
    return EmbedLlm.add(modelFile, NewModels.ofResponses(table), target);
  }

  /// Adds a model without any answer, by what is known of it.
  ///
  /// @param facts such as `parameters`; its name gives size and family by itself
  static AddedModel addByFacts(
      Path modelFile, String newModel, Map<String, String> facts, Path target) throws IOException {
    NewModels given = NewModels.ofFacts(Map.of(newModel, facts));
    return EmbedLlm.add(modelFile, given, target).getFirst();
  }

  /// Trains a pool that knows what its models write, and adds new ones by what they write.
  ///
  /// @param dataset directory that `import --keep-outputs` made
  /// @param outputs a table with `model_name`, `output`, and where it is known `benchmark`
  static List<AddedModel> addByOutputs(Path dataset, Path modelFile, Path outputs, Path target)
      throws IOException {
    EmbedLlm.train(dataset, ENCODER, modelFile, TrainingChoices.DEFAULT.withOutputs());
    return EmbedLlm.add(modelFile, NewModels.ofOutputs(outputs), target);
  }
}
