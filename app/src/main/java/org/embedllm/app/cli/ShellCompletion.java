package org.embedllm.app.cli;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Completion scripts for shells that picocli has none for.
public final class ShellCompletion {
  private ShellCompletion() {}

  /// A script for the fish shell.
  ///
  /// @param name of the program
  /// @param line the program with all its commands
  public static String fish(String name, CommandLine line) {
    Stream<String> commands =
        line.getSubcommands().entrySet().stream()
            .flatMap(entry ->
                Stream.concat(
                    Stream.of(
                        "complete -c %s -n __fish_use_subcommand -f -a %s -d '%s'"
                            .formatted(
                                name, entry.getKey(), quoted(entry.getValue().getCommandSpec()))),
                    options(name, entry)));
    return commands.collect(Collectors.joining("\n", "", "\n"));
  }

  private static Stream<String> options(String name, Map.Entry<String, CommandLine> command) {
    return command.getValue().getCommandSpec().options().stream()
        .filter(option -> !option.hidden())
        .map(option ->
            "complete -c %s -n '__fish_seen_subcommand_from %s' -l %s%s -d '%s'"
                .formatted(
                    name,
                    command.getKey(),
                    option.longestName().replaceFirst("^--", ""),
                    option.arity().max() > 0 ? " -r" : "",
                    quoted(option)));
  }

  private static String quoted(CommandSpec command) {
    return quoted(command.usageMessage().description());
  }

  private static String quoted(OptionSpec option) {
    return quoted(option.description());
  }

  private static String quoted(String... description) {
    String text = String.join(" ", description).replaceAll("%n", " ");
    return text.replace("\\", "\\\\").replace("'", "\\'");
  }
}
