package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.task.AddedModels;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.PoolQuestions;
import org.embedllm.app.task.PromptForecasts;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.itemresponse.QuestionPlanner;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm plan MODEL --budget N`: which questions to ask a new model next.
@Command(
    name = "plan",
    description = "Names the questions whose answers say most about a new model.",
    footer = {
      "",
      "Ask some of them, pass the answers with --answers, and plan again: the plan uses the",
      "answers. Then add the model with add.",
    })
public final class PlanCommand implements Callable<Integer> {
  @Mixin private Console console;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file that train wrote.")
  private Path model = Path.of("");

  @Option(
      names = "--budget",
      required = true,
      paramLabel = "N",
      description = "Most questions to name.")
  private int budget;

  @Option(
      names = "--answers",
      paramLabel = "FILE",
      description = "The new model's answers so far, as for add.")
  private @Nullable Path answers;

  @Option(
      names = "--dataset",
      paramLabel = "DATASET",
      description =
          "Ask only questions of this data set. Where no questions are stored beside the model, the"
              + " data set it was trained on.")
  private @Nullable Path dataset;

  @Option(
      names = "--stop-at",
      paramLabel = "WIDTH",
      description =
          "Stop when the accuracy is expected to be known to plus or minus WIDTH (95 %%), or the"
              + " budget is used up.")
  private double wanted;

  @Override
  public Integer call() throws IOException {
    if (budget < 1) {
      throw BadInputException.of("--budget must be at least 1; got " + budget);
    }
    ModelInput input = ModelInput.open(model);
    Optional<TrainingQuestions> found =
        PoolQuestions.of(input, Optional.ofNullable(dataset), console);
    if (found.isEmpty()) {
      String reason = PoolQuestions.absent(input);
      console.json(new Json().put("questions", (Object) null).put("reason", reason).document());
      console.line("no plan: %s", reason);
      return ExitStatus.DONE;
    }
    TrainingQuestions questions = found.get();
    ModelAddition addition = new ModelAddition(input.artifact(), questions);
    ItemResponses sofar = sofar(addition);
    boolean[] allowed = allowed(addition, questions.matrix().questionCount());
    var plan =
        new QuestionPlanner(addition.problem().known())
            .plan(sofar, budget, wanted, j -> allowed[j]);
    Ability ability = addition.problem().known().ability(sofar);
    List<Map<String, @Nullable Object>> documents = new ArrayList<>();
    for (int j : plan.questions()) {
      Question question = questions.matrix().questions().get(j);
      documents.add(
          new Json()
              .put("id", question.id())
              .put("prompt", question.text())
              .put("benchmark", question.benchmark())
              .document());
      console.line("%s  %s", question.id(), question.benchmark());
      if (!question.text().equals(question.id())) {
        console.line("    %s", PromptForecasts.shortened(question.text()));
      }
    }
    console.json(
        new Json()
            .put("questions", documents)
            .put("answers", sofar.count())
            .put("complete", plan.complete())
            .put("halfWidth", plan.halfWidth())
            .put("expectedHalfWidth", plan.expectedHalfWidth())
            .put("accuracy", AddedModels.json(ability.accuracy()))
            .document());
    console.line(
        plan.complete()
            ? "accuracy is known to ± %.1f points from %d answers: nothing more to ask"
            : "accuracy is known to ± %.1f points from %d answers; with these ± %.1f",
        100 * plan.halfWidth(),
        sofar.count(),
        100 * plan.expectedHalfWidth());
    return ExitStatus.DONE;
  }

  private ItemResponses sofar(ModelAddition addition) {
    Path file = answers;
    if (file == null) {
      return ItemResponses.of(new int[0], new double[0]);
    }
    CorrectnessMatrix matrix = DatasetLoader.loadByIds(file).data().matrix();
    if (matrix.modelCount() != 1) {
      throw BadInputException.in(
          file,
          "has answers of %d models; a plan is for one: %s"
              .formatted(matrix.modelCount(), matrix.models()));
    }
    return addition.knownAnswers(matrix, 0);
  }

  private boolean[] allowed(ModelAddition addition, int count) {
    boolean[] allowed = new boolean[count];
    Path folder = dataset;
    if (folder == null) {
      Arrays.fill(allowed, true);
    } else {
      for (Question question : DatasetLoader.load(folder).data().matrix().questions()) {
        addition.known(question).ifPresent(row -> allowed[row] = true);
      }
    }
    return allowed;
  }
}
