package org.embedllm.app.ask;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.embedllm.app.cli.CommandEntry;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm ask`: asks models questions, and scores their answers.
@Command(
    name = "ask",
    description = {
      "Asks a model the questions whose answers say most about it, and scores them.",
      "With --prompts it asks your own prompts; with --all every model of a gateway."
    },
    footer = {
      "",
      "An interrupted run goes on where it stopped when it is started again.",
      "",
      "Examples:",
      "  embedllm ask pool.safetensors --upstream http://127.0.0.1:8000/v1 \\",
      "    --name llama --budget 100 --to answers.jsonl --add-to pool2.safetensors",
      "  embedllm ask --all gateway.yaml --prompts mine.csv --to data \\",
      "    --train pool.safetensors",
    })
public final class AskCommand implements Callable<Integer> {
  static final int MOST_CONCURRENT = 256;

  private final Supplier<List<CommandEntry>> commands;

  @Mixin private Console console;

  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description = "Model file that train wrote; not needed with --prompts.")
  private @Nullable Path model;

  @Mixin private UpstreamFlags upstream;

  @Option(
      names = "--budget",
      paramLabel = "N",
      description = "Most questions to ask, those of an earlier run included.")
  private @Nullable Integer budget;

  @Option(
      names = "--stop-at",
      paramLabel = "WIDTH",
      description = "Stop when the accuracy is known to plus or minus WIDTH (95 %%), such as 0.03.")
  private double halfWidth;

  @Mixin private ScoringFlags scoring;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "ANSWERS",
      description = "JSON Lines to write, for add and import. With --all the data set to make.")
  private Path target = Path.of("");

  @Option(
      names = "--add-to",
      paramLabel = "MODEL2",
      description = "Then add the model to the pool, as add does, and write this file.")
  private @Nullable Path extended;

  @Option(
      names = "--dataset",
      paramLabel = "DATASET",
      description = "Ask only questions of this data set, and take right answers from it.")
  private @Nullable Path dataset;

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description =
          "Ask these: one a line, JSON Lines, or CSV with prompt, reference, options, category.")
  private @Nullable Path prompts;

  @Option(
      names = "--all",
      paramLabel = "CONFIG",
      description = "Ask every model of a gateway configuration the prompts.")
  private @Nullable Path all;

  @Option(
      names = "--train",
      paramLabel = "MODEL",
      description = "After --all, train on the data set, and write this model file.")
  private @Nullable Path trained;

  @Option(names = "--force", description = "Replace an existing data set at --to.")
  private boolean force;

  /// @param commands among them import and train
  public AskCommand(Supplier<List<CommandEntry>> commands) {
    this.commands = commands;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    requireSense();
    AskSetup setup = new AskSetup(console, upstream, scoring, target, Optional.ofNullable(budget));
    if (all != null) {
      new AskGateway(
              setup, commands, Objects.requireNonNull(prompts), Optional.ofNullable(trained), force)
          .run(all);
    } else if (prompts != null) {
      new AskPrompts(setup, prompts).run();
    } else {
      new AskPool(
              setup,
              Objects.requireNonNull(model),
              Optional.ofNullable(dataset),
              halfWidth,
              Optional.ofNullable(extended))
          .run();
    }
    return ExitStatus.DONE;
  }

  private void requireSense() {
    if (all != null && prompts == null) {
      throw BadInputException.of("--all needs the prompts to ask: --prompts FILE");
    }
    if (all == null && trained != null) {
      throw BadInputException.of("--train follows --all: it needs the answers of several models");
    }
    if (prompts != null && (extended != null || halfWidth != 0)) {
      throw BadInputException.of(
          "--add-to and --stop-at are for a pool's own questions: leave out --prompts");
    }
    if (prompts == null && model == null) {
      throw BadInputException.of(
          "MODEL is missing: embedllm ask MODEL --upstream URL --name NAME --budget N --to FILE;"
              + " or ask your own prompts with --prompts FILE");
    }
    if (prompts == null && budget == null) {
      throw BadInputException.of("--budget is missing: how many questions to ask at most");
    }
    if (budget != null && budget < 1) {
      throw BadInputException.of("--budget must be at least 1; got " + budget);
    }
    if (!(halfWidth >= 0 && halfWidth < 1)) {
      throw BadInputException.of("--stop-at must be from 0 to 1, such as 0.03; got " + halfWidth);
    }
  }
}
