package org.embedllm.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.ModelPlacement;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.OnlineModelVector;
import org.embedllm.question.QuestionVectors;
import org.embedllm.source.Dataset;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm learn MODEL OUTCOMES --to MODEL2`: moves models by what came of their answers in use.
@Command(
    name = "learn",
    description = "Moves models of a pool by outcomes of their use, one at a time, oldest first.",
    footer = {
      "",
      "The questions' order in the file is the order of time. The same file gives the same bytes.",
      "drift: how far the last outcomes lie from what was forecast, in standard deviations; beyond",
      "plus or minus 4 the model no longer does what its past says, and is named as drifted.",
    })
public final class LearnCommand implements Callable<Integer> {
  @Mixin private Console console;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file that train wrote.")
  private Path model = Path.of("");

  @Parameters(
      index = "1",
      paramLabel = "OUTCOMES",
      description = "Table with model_name, label or score, and prompt_id or prompt.")
  private Path outcomes = Path.of("");

  @Option(
      names = "--to",
      required = true,
      paramLabel = "MODEL2",
      description = "Model file to write.")
  private Path target = Path.of("");

  @Option(
      names = "--decay",
      paramLabel = "D",
      description =
          "Weight of an outcome relative to the next one, above 0 to 1; 1 forgets nothing."
              + " Default: ${DEFAULT-VALUE}.",
      defaultValue = "0.99965")
  private double decay;

  @Override
  public Integer call() throws IOException {
    if (!(decay > 0 && decay <= 1)) {
      throw BadInputException.of("--decay must be above 0 and at most 1; got " + decay);
    }
    AtomicFile.requirePlace(target);
    ModelInput input = ModelInput.open(model);
    FloatMatrix covariances = input.artifact().tensors().get(ModelPlacement.COVARIANCES);
    if (covariances == null) {
      throw BadInputException.in(
          model,
          "keeps no uncertainty of its vectors: train it without --published and without options of the linear tower");
    }
    Dataset dataset = AddCommand.responses(outcomes);
    CorrectnessMatrix matrix = dataset.data().matrix();
    Optional<TrainingQuestions> questions = input.questions();
    FloatMatrix features = features(input, dataset, questions); // [n, d]
    var defaults = OnlineModelVector.Settings.DEFAULT;
    var settings =
        new OnlineModelVector.Settings(
            defaults.window(), decay, defaults.driftWindow(), defaults.driftLimit());
    ModelArtifact artifact = input.artifact();
    List<Map<String, @Nullable Object>> documents = new ArrayList<>();
    TextTable table = new TextTable("model", "outcomes", "drift (sd)", "");
    for (int i = 0; i < matrix.modelCount(); i++) {
      String name = matrix.models().get(i);
      int row = input.row(name);
      var vector = OnlineModelVector.of(artifact.factorization(), covariances, row, settings);
      for (int j = 0; j < matrix.questionCount(); j++) {
        float score = matrix.score(i, j);
        if (!Float.isNaN(score)) {
          vector.update(features.row(j), score);
        }
      }
      artifact = ModelPlacement.moved(artifact, row, vector.posterior());
      OnlineModelVector.Drift drift = vector.drift();
      documents.add(
          new Json()
              .put("model", name)
              .put("outcomes", vector.outcomes())
              .put("drift", drift.z())
              .put("drifted", drift.drifted())
              .document());
      table.row(
          name,
          Long.toString(vector.outcomes()),
          TextTable.number(drift.z(), 1),
          drift.drifted() ? "drifted: the past no longer predicts it" : "");
    }
    if (questions.isPresent()) {
      artifact = artifact.withQuestionsDigest(questions.get().write(target));
    }
    artifact.write(target);
    console.json(new Json().put("learned", documents).document());
    table.print(console);
    console.line("wrote %s", target);
    return ExitStatus.DONE;
  }

  /// Projected features of the questions, [n, d]: of training questions from their kept vectors, of
  /// others from their texts.
  private FloatMatrix features(
      ModelInput input, Dataset dataset, Optional<TrainingQuestions> questions) throws IOException {
    List<Question> all = dataset.data().matrix().questions();
    Map<String, float[]> vectors = new HashMap<>();
    if (questions.isPresent()) {
      var addition = new ModelAddition(input.artifact(), questions.get());
      for (Question question : all) {
        addition
            .known(question)
            .ifPresent(
                row -> vectors.put(question.id(), questions.get().vectors().vectors().row(row)));
      }
    }
    List<Question> others = all.stream().filter(q -> !vectors.containsKey(q.id())).toList();
    Optional<Question> nameless = others.stream().filter(q -> q.text().isEmpty()).findFirst();
    if (nameless.isPresent()) {
      throw BadInputException.in(
          outcomes,
          "has questions that are none of the training questions, such as prompt_id %s, and no text of them: add a column prompt"
              .formatted(nameless.get().id()));
    }
    if (!others.isEmpty()) {
      QuestionVectors encoded =
          new DatasetVectors(dataset, console).of(others, input.artifact().encoder());
      for (int j = 0; j < others.size(); j++) {
        vectors.put(others.get(j).id(), encoded.vectors().row(j));
      }
    }
    int q = input.artifact().encoder().dimension();
    float[] values = new float[Math.multiplyExact(all.size(), q)];
    for (int j = 0; j < all.size(); j++) {
      float[] vector = vectors.getOrDefault(all.get(j).id(), new float[q]);
      System.arraycopy(vector, 0, values, j * q, q);
    }
    return input.artifact().factorization().project(FloatMatrix.wrap(all.size(), q, values));
  }
}
