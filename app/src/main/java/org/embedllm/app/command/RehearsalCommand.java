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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `embedllm rehearse`: runs the short commands on a small scale and prints nothing, so that Java
/// records which classes they load. The launcher calls it once after a build and keeps the record
/// as the ahead-of-time cache; commands that answer a single prompt then start two to three times
/// as fast.
///
/// Java loads everything in the cache at each start, so the record must hold no more than short
/// commands need: the model they run on is trained by another Java process.
@Command(
    name = "rehearse",
    hidden = true,
    description = "Runs the commands on a small scale, for the launcher's ahead-of-time cache.")
public final class RehearsalCommand implements Callable<Integer> {
  /// So many that the model has all that one of a user has, such as attributes and usual texts.
  private static final int QUESTIONS_PER_SKILL = 25;

  private final Class<?> main;
  private final Supplier<List<CommandEntry>> commands;

  @Option(names = "--prepare", paramLabel = "DIR", hidden = true)
  private @Nullable Path prepared;

  @Mixin
  @SuppressWarnings("UnusedVariable") // brings the options that all commands have
  private Console console;

  /// @param main the program's entry point
  /// @param commands the commands it runs
  public RehearsalCommand(Class<?> main, Supplier<List<CommandEntry>> commands) {
    this.main = main;
    this.commands = commands;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (prepared != null) {
      return prepare(prepared);
    }
    Path folder = Files.createTempDirectory("embedllm-rehearsal");
    try {
      String prices = folder.resolve(SampleFiles.PRICES).toString();
      String model = model(folder);
      int status = prepareElsewhere(folder);
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

  private static String model(Path folder) {
    return folder.resolve("model").toString();
  }

  /// Trains a model on the sample.
  private int prepare(Path folder) throws IOException {
    SampleFiles.write(folder, QUESTIONS_PER_SKILL, 1);
    String data = folder.resolve("data").toString();
    int status = run("import", folder.resolve(SampleFiles.RESPONSES).toString(), "--to", data);
    return status | run("train", data, "--to", model(folder));
  }

  /// The same in a Java process of its own.
  private int prepareElsewhere(Path folder) throws IOException, InterruptedException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dembedllm.plain-kernels=true",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName(),
            "rehearse",
            "--prepare",
            folder.toString())
        .inheritIO()
        .start()
        .waitFor();
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
