package org.embedllm.app.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.embedllm.app.cli.CommandEntry;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Program;
import org.embedllm.app.quickstart.SampleFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `embedllm rehearse`: runs the commands on a small scale and prints nothing, so that Java records
/// which classes they load. The launcher calls it once after a build and keeps the record as the
/// ahead-of-time cache; commands that answer a single prompt then start two to three times as fast.
@Command(
    name = "rehearse",
    hidden = true,
    description = "Runs the commands on a small scale, for the launcher's ahead-of-time cache.")
public final class RehearsalCommand implements Callable<Integer> {
  private static final int QUESTIONS_PER_SKILL = 3;

  private final Supplier<List<CommandEntry>> commands;

  @Mixin
  @SuppressWarnings("UnusedVariable") // brings the options that all commands have
  private Console console;

  /// @param commands the commands it runs
  public RehearsalCommand(Supplier<List<CommandEntry>> commands) {
    this.commands = commands;
  }

  @Override
  public Integer call() throws IOException {
    Path folder = Files.createTempDirectory("embedllm-rehearsal");
    try {
      SampleFiles.write(folder, QUESTIONS_PER_SKILL, 1);
      String responses = folder.resolve(SampleFiles.RESPONSES).toString();
      String prices = folder.resolve(SampleFiles.PRICES).toString();
      String data = folder.resolve("data").toString();
      String model = folder.resolve("model").toString();
      int status = run("import", responses, "--to", data);
      status |= run("train", data, "--to", model, "--epochs", "1", "--dimension", "8");
      status |= run("route", model, "What is 2 + 2?", "--prices", prices);
      status |= run("route", model, "What is 2 + 2?", "--json");
      status |= run("forecast", model, "Why is the sky blue?");
      status |= run("forecast", model, "Why is the sky blue?", "--json");
      status |= run("models", model);
      status |= run("similar", model, "sim-oak-70b", "--json");
      status |= run("inspect", model);
      return status | run("--help");
    } finally {
      delete(folder);
    }
  }

  private int run(String... arguments) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    return new Program(commands.get(), nowhere, nowhere).run(arguments);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
