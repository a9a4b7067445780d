package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.option.EncoderFlag;
import org.embedllm.app.task.DatasetVectors;
import org.embedllm.app.task.ModelInput;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestionIndex;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Vote;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.ingest.AnswerLog;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.modelvector.OnlineModelVector;
import org.embedllm.question.QuestionVectors;
import org.embedllm.source.ImportOptions;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.SingleWriter;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.votes.VoteLikelihood;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm learn MODEL FEEDBACK --to MODEL2`: updates model vectors by feedback from use.
@Command(
    name = "learn",
    description = "Updates model vectors by feedback from use, one answer at a time, oldest first.",
    footer = {
      "",
      "The order of the rows is the order of time; a question may appear more than once. The same file",
      "gives the same bytes.",
      "drift: how far the last feedback is from its forecast, in standard deviations. Beyond",
      "plus or minus 4 the past no longer predicts the model, and it is reported as drifted.",
    })
public final class LearnCommand implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private EncoderFlag encoder;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file that train wrote.")
  private Path model = Path.of("");

  @Parameters(
      index = "1",
      paramLabel = "FEEDBACK",
      description =
          "Table with model_name, label or score, and prompt_id or prompt; or votes with model_a,"
              + " model_b and winner.")
  private Path feedback = Path.of("");

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
          "Weight of a score relative to the next one, above 0 to 1; 1 forgets nothing."
              + " Default: ${DEFAULT-VALUE}.",
      defaultValue = "0.99965")
  private double decay;

  @Override
  public Integer call() throws IOException {
    if (!(decay > 0 && decay <= 1)) {
      throw BadInputException.of("--decay must be above 0 and at most 1; got " + decay);
    }
    try (SingleWriter _ = ModelArtifact.reserve(target, true)) {
      return learn();
    }
  }

  private int learn() throws IOException {
    ModelInput input = ModelInput.open(model);
    FloatMatrix covariances =
        input
            .artifact()
            .covariances()
            .orElseThrow(() ->
                BadInputException.in(
                    model,
                    "has no uncertainty of its vectors: train it without --published and without options of the paper's method"));
    Dataset dataset = DatasetLoader.loadByIds(feedback);
    boolean votes = dataset.data().matrix().cellCount() == 0;
    AnswerLog log =
        votes
            ? AnswerLog.of(dataset.data().matrix())
            : AnswerLog.read(feedback, ImportOptions.DEFAULT.withTextRequired(false));
    if (!votes && !dataset.data().votes().isEmpty()) {
      throw BadInputException.in(
          feedback, "has scores and votes: learn them from two files, one after the other");
    }
    if (!votes && input.artifact().quantity() == ForecastQuantity.PREFERENCE) {
      throw BadInputException.in(
          feedback,
          "has scores, but the pool learned from votes: give votes (model_a, model_b, winner)");
    }
    List<Integer> rows = log.models().stream().map(input::row).toList();
    Optional<TrainingQuestions> questions = input.questions();
    FloatMatrix features = features(input, log.questions(), questions); // [n, d]
    var defaults = OnlineModelVector.Settings.DEFAULT;
    var settings =
        new OnlineModelVector.Settings(
            defaults.window(), decay, defaults.driftWindow(), defaults.driftLimit());
    List<OnlineModelVector> vectors =
        rows.stream()
            .map(row ->
                OnlineModelVector.of(input.artifact().factorization(), covariances, row, settings))
            .toList();
    double scale = input.artifact().votes().map(v -> v.likelihood().scale()).orElse(1.0);
    for (Vote vote : votes ? dataset.data().votes() : List.<Vote>of()) {
      learn(
          vectors.get(vote.modelA()),
          vectors.get(vote.modelB()),
          features.row(vote.question()),
          VoteLikelihood.points(vote.winner()),
          scale);
    }
    for (int at = 0; at < log.size(); at++) {
      vectors.get(log.model(at)).update(features.row(log.question(at)), log.score(at));
    }
    ModelArtifact artifact = input.artifact();
    List<Map<String, @Nullable Object>> documents = new ArrayList<>();
    TextTable table = new TextTable("model", "feedback", "drift (sd)", "");
    for (int i = 0; i < vectors.size(); i++) {
      OnlineModelVector vector = vectors.get(i);
      artifact = artifact.withModelVector(rows.get(i), vector.posterior());
      OnlineModelVector.Drift drift = vector.drift();
      documents.add(
          new Json()
              .put("model", log.models().get(i))
              .put("outcomes", vector.scores())
              .put("drift", drift.z())
              .put("drifted", drift.drifted())
              .document());
      table.row(
          log.models().get(i),
          Long.toString(vector.scores()),
          TextTable.number(drift.z(), 1),
          drift.drifted() ? "drifted: the past no longer predicts it" : "");
    }
    artifact.write(target, questions);
    console.json(new Json().put("learned", documents).document());
    table.print(console);
    console.line("wrote %s", target);
    return ExitStatus.DONE;
  }

  /// Each of the two learns from the vote as it was forecast before it.
  private static void learn(
      OnlineModelVector first,
      OnlineModelVector second,
      float[] features,
      double points,
      double scale) {
    double firstLogit = first.logit(features);
    double secondLogit = second.logit(features);
    first.compare(features, points, scale, secondLogit);
    second.compare(features, 1 - points, scale, firstLogit);
  }

  /// Projected features of the questions, `[n, d]`: of training questions from their kept vectors,
  /// of others from their texts.
  private FloatMatrix features(
      ModelInput input, List<Question> all, Optional<TrainingQuestions> questions)
      throws IOException {
    Map<String, float[]> vectors = new HashMap<>();
    if (questions.isPresent()) {
      var index = new TrainingQuestionIndex(questions.get().matrix().questions());
      for (Question question : all) {
        index
            .find(question)
            .ifPresent(
                row -> vectors.put(question.id(), questions.get().vectors().vectors().row(row)));
      }
    }
    List<Question> others = all.stream().filter(q -> !vectors.containsKey(q.id())).toList();
    Optional<Question> nameless = others.stream().filter(q -> q.text().isEmpty()).findFirst();
    if (nameless.isPresent()) {
      throw BadInputException.in(
          feedback,
          "has questions that are not training questions, such as prompt_id %s, and no text of them: add a column prompt"
              .formatted(nameless.get().id()));
    }
    if (!others.isEmpty()) {
      QuestionVectors encoded =
          new DatasetVectors(Optional.of(feedback).filter(DatasetDirectory::isDataset), console)
              .withEncoderAt(encoder.place())
              .of(others, input.artifact().encoder());
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
