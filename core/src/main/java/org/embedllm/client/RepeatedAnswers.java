package org.embedllm.client;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.forecast.RepeatErrors;
import org.embedllm.itemresponse.OneMoreAnswer;
import org.embedllm.storage.BadInputException;

/// What models are expected to score if they are asked a training question once more: what the
/// whole pool's answers say of it, moved towards the model's own answers to it. Immutable.
///
/// [EmbedLlm#forecast] goes by the text alone, as for a question that no model has answered.
public final class RepeatedAnswers {
  private final ModelAddition addition;
  private final CorrectnessMatrix answers;
  private final OneMoreAnswer again;

  private RepeatedAnswers(ModelAddition addition, CorrectnessMatrix answers, OneMoreAnswer again) {
    this.addition = addition;
    this.answers = answers;
    this.again = again;
  }

  /// One more answer of a model to a question.
  ///
  /// @param expected its expected score, in [0, 1]
  /// @param mean score of the answers that the model has given; NaN without any
  /// @param answers how many these are
  public record OfModel(String model, double expected, double mean, double answers) {}

  /// Reads the training answers beside a model file.
  ///
  /// @throws BadInputException when the file has none beside it, was not trained with the default
  ///   method on scores, or its answers do not say how much one answer differs from the next
  /// @throws IOException when a file cannot be read
  public static RepeatedAnswers of(Path modelFile) throws IOException {
    ModelArtifact artifact = ModelArtifact.open(modelFile);
    TrainingQuestions questions = TrainingQuestions.requireBeside(modelFile, artifact);
    ModelAddition addition = new ModelAddition(artifact, questions);
    return of(addition, questions.matrix())
        .orElseThrow(() ->
            BadInputException.in(
                modelFile,
                "does not know how much one answer differs from the next. Import every answer of a model to a question, or their means. Means need their number in the column weight and their variance in score_variance. Then train again"));
  }

  /// The same of a model file that was read.
  ///
  /// @param questions the training questions kept beside it
  /// @return empty where they say too little, as where no model answered a question twice
  public static Optional<RepeatedAnswers> of(ModelArtifact artifact, TrainingQuestions questions) {
    return questions.matrix().hasRepeats()
        ? ModelAddition.of(artifact, questions)
            .flatMap(addition -> of(addition, questions.matrix()))
        : Optional.empty();
  }

  private static Optional<RepeatedAnswers> of(ModelAddition addition, CorrectnessMatrix answers) {
    return answers.hasVariances() || addition.known().dispersion().isOfRepeats()
        ? Optional.of(
            new RepeatedAnswers(addition, answers, OneMoreAnswer.of(addition.known(), answers)))
        : Optional.empty();
  }

  /// The expected score of one more answer, in [0, 1], by model in the order of the file.
  ///
  /// @param question its id or its text
  /// @return empty where it is no training question
  public Optional<Map<String, Double>> expected(String question) {
    return ofModels(question)
        .map(all -> {
          Map<String, Double> scores = new LinkedHashMap<>();
          all.forEach(one -> scores.put(one.model(), one.expected()));
          return scores;
        });
  }

  /// One more answer of each model, in the order of the file.
  ///
  /// @param question its id or its text
  /// @return empty where it is no training question
  public Optional<List<OfModel>> ofModels(String question) {
    return addition
        .known(new Question(question, question, Question.NO_BENCHMARK))
        .map(row -> {
          List<OfModel> all = new ArrayList<>();
          for (int i = 0; i < answers.modelCount(); i++) {
            all.add(
                new OfModel(
                    answers.models().get(i),
                    again.expected(i, row),
                    answers.score(i, row),
                    answers.repeats(i, row)));
          }
          return all;
        });
  }

  /// How well these forecasts do on the answers they are made from, each left out in turn.
  ///
  /// @param seed of the resamples behind intervals
  /// @return empty where it is not known of any cell how far its answers are apart
  public Optional<RepeatErrors> errors(long seed) {
    return RepeatErrors.of(answers, again::shrunk, seed);
  }
}
