package org.embedllm.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.client.EmbedLlm;
import org.embedllm.facts.AbilityRegression;
import org.embedllm.facts.ModelFacts;
import org.embedllm.facts.OutputSimilarity;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.AbilityPrior;
import org.embedllm.itemresponse.Responses;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.tensor.FloatMatrix;

/// Other evidence than right and wrong: votes, and what is known of a model before its first
/// answer.
public final class VotesAndFacts {
  private VotesAndFacts() {}

  /// Trains a pool on votes and takes in one more.
  ///
  /// @param votes a table with the columns `model_a`, `model_b`, `winner` and `prompt`
  /// @param modelFile to write
  /// @return how likely each model's answer is preferred over an average model's, by name
  static Map<String, Double> preferences(Path votes, Path modelFile, String prompt)
      throws IOException {
    EmbedLlm.train(votes, "minilm-l6", modelFile);
    try (EmbedLlm pool = EmbedLlm.open(modelFile)) {
      List<String> models = pool.models();
      pool.learnVote(prompt, models.getFirst(), models.getLast());
      Map<String, Double> preferred = new TreeMap<>();
      pool.forecast(prompt).models().forEach(f -> preferred.put(f.model(), f.probability()));
      return preferred;
    }
  }

  /// The accuracy over the training questions that is expected of a model without any answer.
  ///
  /// @param modelFile what `train` wrote, with its questions beside it
  /// @param facts by model and column, such as `parameters`; names give size and family by
  ///   themselves
  static Ability.Accuracy expected(
      Path modelFile, String newModel, Map<String, Map<String, String>> facts) throws IOException {
    ModelArtifact artifact = ModelArtifact.open(modelFile);
    TrainingQuestions questions = TrainingQuestions.beside(modelFile, artifact).orElseThrow();
    ModelAddition addition = new ModelAddition(artifact, questions);
    List<String> names = new ArrayList<>(artifact.factorization().models());
    names.add(newModel);
    FloatMatrix similarity = ModelFacts.similarity(ModelFacts.of(names, facts));
    AbilityPrior prior =
        AbilityRegression.fit(similarity, addition.poolAbilities(1)).prior(names.size() - 1);
    Responses none = Responses.of(new int[0], new double[0]);
    return addition.problem().known().ability(none, prior).accuracy();
  }

  /// How alike models write, `[n, n]`, from some answers of each. In [#expected] it takes the place
  /// of the similarity of facts.
  static FloatMatrix alike(List<List<String>> answers, QuestionEncoder encoder) {
    int width = encoder.identity().dimension();
    float[] means = new float[answers.size() * width];
    for (int i = 0; i < answers.size(); i++) {
      FloatMatrix vectors = encoder.encode(answers.get(i));
      for (int a = 0; a < vectors.rows(); a++) {
        for (int c = 0; c < width; c++) {
          means[i * width + c] += vectors.get(a, c) / vectors.rows();
        }
      }
    }
    return OutputSimilarity.similarity(FloatMatrix.wrap(answers.size(), width, means));
  }
}
