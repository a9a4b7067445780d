package org.embedllm.spark;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.util.Optional;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Printable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The entry point for spark-submit: commands with the names, options and JSON of `embedllm`.
@Command(
    name = "embedllm spark",
    description =
        "Runs the heavy commands on Spark: a cluster through spark-submit, or this machine.",
    subcommands = {
      ImportJob.class,
      EncodeJob.class,
      TrainJob.class,
      AddJob.class,
      RouteJob.class,
      CommandLine.HelpCommand.class
    },
    mixinStandardHelpOptions = true)
public final class EmbedLlmJob {
  static final int DONE = 0;
  private static final int FAILED = 1;

  private EmbedLlmJob() {}

  /// Runs a command and ends the program with 0 (done), 1 (failed) or 2 (wrong usage, bad input).
  public static void main(String[] arguments) {
    int status =
        run(
            new PrintWriter(System.out, true, UTF_8),
            new PrintWriter(System.err, true, UTF_8),
            arguments);
    if (status != DONE) {
      System.exit(status);
    }
  }

  /// Runs a command.
  ///
  /// @return the exit status
  static int run(PrintWriter out, PrintWriter errors, String... arguments) {
    CommandLine line = new CommandLine(new EmbedLlmJob());
    line.setOut(out).setErr(errors).setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler((wrong, all) -> {
      errors.println("embedllm spark: " + Printable.lines(String.valueOf(wrong.getMessage())));
      return CommandLine.ExitCode.USAGE;
    });
    line.setExecutionExceptionHandler((failure, command, parsed) -> {
      Optional<String> input = badInput(failure);
      String problem = input.orElseGet(() -> String.valueOf(failure));
      errors.println("embedllm spark: " + Printable.lines(problem));
      if (parsed.hasMatchedOption("--verbose")) {
        errors.print(Printable.trace(failure));
        errors.flush();
      }
      return input.isPresent() ? CommandLine.ExitCode.USAGE : FAILED;
    });
    return line.execute(arguments);
  }

  /// What is wrong with the input, where that is the failure; a task's failure arrives as text.
  private static Optional<String> badInput(Throwable failure) {
    String name = BadInputException.class.getName() + ": ";
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (cause instanceof BadInputException) {
        return Optional.of(message);
      }
      int at = message.indexOf(name);
      if (at >= 0) {
        return message.substring(at + name.length()).lines().findFirst();
      }
    }
    return Optional.empty();
  }
}
