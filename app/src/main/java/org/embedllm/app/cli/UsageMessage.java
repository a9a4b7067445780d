package org.embedllm.app.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The message for wrong usage: the problem, a suggestion, and where the help is, on one line.
final class UsageMessage {
  private UsageMessage() {}

  static String of(ParameterException exception) {
    CommandLine command = exception.getCommandLine();
    return "%s (see '%s --help')"
        .formatted(problem(exception, command), command.getCommandSpec().qualifiedName());
  }

  private static String problem(ParameterException exception, CommandLine command) {
    return switch (exception) {
      case UnmatchedArgumentException unmatched ->
          unknown(unmatched.getUnmatched().getFirst(), command);
      // A mistyped option also causes a missing option; the mistyped one is reported.
      case MissingParameterException missing ->
          mistyped(command).orElseGet(() -> missing(missing.getMissing(), missing));
      default -> other(exception, command);
    };
  }

  private static Optional<String> mistyped(CommandLine command) {
    return command.getUnmatchedArguments().stream()
        .filter(argument -> argument.startsWith("-"))
        .findFirst()
        .map(argument -> unknown(argument, command));
  }

  private static String unknown(String argument, CommandLine command) {
    String name = argument.split("=", 2)[0];
    if (name.startsWith("-")) {
      List<String> options =
          command.getCommandSpec().options().stream()
              .flatMap(option -> Stream.of(option.names()))
              .filter(option -> option.length() > 2)
              .toList();
      return "there is no option " + name + Suggestion.didYouMean(name, options);
    }
    List<String> commands = List.copyOf(command.getSubcommands().keySet());
    return commands.isEmpty()
        ? "\"" + argument + "\" is one argument too many"
        : "there is no command \"" + argument + "\"" + Suggestion.didYouMean(argument, commands);
  }

  private static String missing(List<ArgSpec> arguments, ParameterException exception) {
    if (arguments.isEmpty()) {
      return String.valueOf(exception.getMessage());
    }
    List<String> names = arguments.stream().map(UsageMessage::written).toList();
    return String.join(" and ", names) + (names.size() == 1 ? " is" : " are") + " missing";
  }

  private static String other(ParameterException exception, CommandLine command) {
    ArgSpec argument = exception.getArgSpec();
    String value = exception.getValue();
    String message = String.valueOf(exception.getMessage());
    if (argument != null && value != null && message.startsWith("Invalid value")) {
      return "%s must be %s; got \"%s\"".formatted(name(argument), kind(argument), value);
    }
    return value != null && message.startsWith("Unknown subcommand")
        ? unknown(value, command)
        : message;
  }

  private static String kind(ArgSpec argument) {
    Class<?> type = argument.auxiliaryTypes()[0];
    if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
      return "a whole number";
    }
    if (type == double.class || type == Double.class) {
      return "a number";
    }
    return type == Path.class ? "a path" : "a " + argument.paramLabel();
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }

  private static String written(ArgSpec argument) {
    return argument instanceof OptionSpec option
        ? option.longestName() + " " + option.paramLabel()
        : argument.paramLabel();
  }
}
