package org.embedllm.client;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.itemresponse.ItemParameters;
import org.embedllm.itemresponse.OneMoreAnswer;
import org.embedllm.storage.BadInputException;

/// What models are expected to score if they are asked a training question once more: what the
/// whole pool's answers say of it, moved towards the model's own answers to it. Immutable.
///
/// [EmbedLlm#forecast] goes by the text alone, as for a question that no model has answered.
public final class RepeatedAnswers {
  private final ModelAddition addition;
  private final List<String> models;
  private final OneMoreAnswer again;

  private RepeatedAnswers(ModelAddition addition, List<String> models, OneMoreAnswer again) {
    this.addition = addition;
    this.models = List.copyOf(models);
    this.again = again;
  }

  /// Reads the training answers beside a model file.
  ///
  /// @throws BadInputException when the file has none beside it, was not trained with the default
  ///   method on scores, or its answers do not say how much one answer differs from the next
  /// @throws IOException when a file cannot be read
  public static RepeatedAnswers of(Path modelFile) throws IOException {
    ModelArtifact artifact = ModelArtifact.open(modelFile);
    TrainingQuestions questions = TrainingQuestions.requireBeside(modelFile, artifact);
    ModelAddition addition = new ModelAddition(artifact, questions);
    ItemParameters known = addition.known();
    CorrectnessMatrix answers = questions.matrix();
    if (!answers.hasVariances() && !known.dispersion().isOfRepeats()) {
      throw BadInputException.in(
          modelFile,
          "does not know how much one answer differs from the next: import every answer of a model to a question, or means with their numbers in the column weight and their variances in score_variance, and train again");
    }
    return new RepeatedAnswers(addition, answers.models(), OneMoreAnswer.of(known, answers));
  }

  /// The expected score of one more answer, in [0, 1], by model in the order of the file.
  ///
  /// @param question its id or its text
  /// @return empty where it is no training question
  public Optional<Map<String, Double>> expected(String question) {
    return addition
        .known(new Question(question, question, Question.NO_BENCHMARK))
        .map(row -> {
          Map<String, Double> scores = new LinkedHashMap<>();
          for (int i = 0; i < models.size(); i++) {
            scores.put(models.get(i), again.expected(i, row));
          }
          return scores;
        });
  }
}
