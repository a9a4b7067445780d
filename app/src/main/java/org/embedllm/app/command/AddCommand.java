package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.option.EncoderFlag;
import org.embedllm.app.task.AddedModels;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.PoolQuestions;
import org.embedllm.app.task.ProgramSurroundings;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.client.NewModels;
import org.embedllm.client.PoolAddition;
import org.embedllm.facts.FactsFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.SingleWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm add MODEL RESPONSES --to MODEL2`: new models without training again.
@Command(
    name = "add",
    description =
        "Adds new models to a trained pool from answers, votes or facts, without training again.",
    footer = {
      "",
      "plan names the questions whose answers say most about a model.",
      "",
      "Example: embedllm add pool.safetensors answers.csv --to pool2.safetensors",
      "Example: embedllm add pool.safetensors --facts facts.csv --to pool2.safetensors",
    })
public final class AddCommand implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private EncoderFlag encoder;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file that train wrote.")
  private Path model = Path.of("");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "RESPONSES",
      description =
          "Table with model_name, label or score, and prompt_id or prompt; votes with model_a,"
              + " model_b and winner; or both.")
  private @Nullable Path responses;

  @Option(
      names = "--facts",
      paramLabel = "CSV",
      description =
          "Facts of models (column model, then any such as parameters, family, date, price); new"
              + " models in it are added also without answers. Names give size and family.")
  private @Nullable Path facts;

  @Option(
      names = "--outputs",
      paramLabel = "TABLE",
      description =
          "Texts of the new models' answers (model_name, output), scored or not, for a pool trained"
              + " with --outputs. Used where names and facts explain nothing of the pool.")
  private @Nullable Path outputs;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "MODEL2",
      description = "Model file to write, with the new models after the old ones.")
  private Path target = Path.of("");

  @Option(
      names = "--dataset",
      paramLabel = "DATASET",
      description =
          "The data set the model was trained on, where no questions are stored beside it.")
  private @Nullable Path trainedOn;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that add models. They do not change the result. Default: all cores.")
  private @Nullable Integer threads;

  @Override
  public Integer call() throws IOException {
    try (SingleWriter _ = ModelArtifact.reserve(target, true)) {
      return add();
    }
  }

  private int add() throws IOException {
    ModelInput input = ModelInput.open(model);
    TrainingQuestions questions =
        PoolQuestions.of(input, Optional.ofNullable(trainedOn), console)
            .orElseThrow(() -> BadInputException.of(PoolQuestions.absent(input)));
    if (responses == null && facts == null && outputs == null) {
      throw BadInputException.of("add needs RESPONSES, --facts or --outputs");
    }
    try (var around =
        new ProgramSurroundings(input.artifact().encoder(), encoder.place(), console)) {
      var addition = new PoolAddition(model, input.artifact(), questions, around);
      NewModels given =
          new NewModels(
              Optional.ofNullable(responses),
              facts == null ? Optional.empty() : Optional.of(FactsFile.read(facts)),
              Optional.ofNullable(outputs));
      if (addition.takesVotesAlone()) {
        addByVotes(input, addition, given);
      } else {
        PoolAddition.Added added = addition.byAnswers(given, threads());
        added.pool().write(target, true);
        new AddedModels(console, input, target).show(added);
      }
    }
    return ExitStatus.DONE;
  }

  private void addByVotes(ModelInput input, PoolAddition addition, NewModels given)
      throws IOException {
    long start = System.nanoTime();
    PoolAddition.Voted added = addition.byVotes(given, threads());
    double seconds = (System.nanoTime() - start) * 1e-9 / added.models().size();
    added.pool().write(target, true);
    new AddedModels(console, input, target).showByVotes(added.models(), seconds);
  }

  private int threads() {
    if (threads == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    if (threads < 1 || threads > 1_024) {
      throw BadInputException.of("--threads must be from 1 to 1024; got " + threads);
    }
    return threads;
  }
}
