package org.embedllm.app.cli;

import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// A command's help as a manual page, in the macros of `man(7)`.
public final class ManualPage {
  private final StringBuilder page = new StringBuilder();

  private ManualPage() {}

  /// @param spec of the program or of one of its commands
  /// @param version of the program
  public static String of(CommandSpec spec, String version) {
    ManualPage page = new ManualPage();
    String name = spec.qualifiedName("-");
    page.macro(
        "TH \"%s\" 1 \"\" \"EmbedLLM for Java %s\" \"EmbedLLM\""
            .formatted(name.toUpperCase(Locale.ROOT), version));
    page.section("NAME");
    String[] description = spec.usageMessage().description();
    page.text(name + " - " + String.join(" ", description).replace("%n", " ").strip());
    page.section("SYNOPSIS");
    page.text(spec.qualifiedName() + synopsis(spec));
    page.arguments("ARGUMENTS", spec.positionalParameters());
    page.arguments("OPTIONS", spec.options());
    if (!spec.subcommands().isEmpty()) {
      page.section("COMMANDS");
      spec.subcommands()
          .forEach((command, line) ->
              page.entry(command, line.getCommandSpec().usageMessage().description()));
    }
    page.section("NOTES");
    for (String line : Paragraph.joined(spec.usageMessage().footer())) {
      page.macro("PP");
      page.text(line);
    }
    return page.page.toString();
  }

  private static String synopsis(CommandSpec spec) {
    StringBuilder text = new StringBuilder(spec.subcommands().isEmpty() ? "" : " COMMAND");
    spec.positionalParameters().forEach(argument -> text.append(' ').append(argument.paramLabel()));
    spec.options().stream()
        .filter(OptionSpec::required)
        .forEach(option ->
            text.append(' ').append(option.longestName()).append(' ').append(option.paramLabel()));
    return text.append(" [OPTION]...").toString();
  }

  private void arguments(String title, List<? extends ArgSpec> arguments) {
    List<? extends ArgSpec> shown = arguments.stream().filter(a -> !a.hidden()).toList();
    if (!shown.isEmpty()) {
      section(title);
      for (ArgSpec argument : shown) {
        entry(written(argument), argument.description());
      }
    }
  }

  private static String written(ArgSpec argument) {
    if (argument instanceof OptionSpec option) {
      String names = String.join(", ", option.names());
      return option.arity().max() > 0 ? names + " " + option.paramLabel() : names;
    }
    return argument.paramLabel();
  }

  private void section(String title) {
    macro("SH " + title);
  }

  private void entry(String head, String... description) {
    macro("TP");
    page.append("\\fB").append(escaped(head)).append("\\fR\n");
    text(String.join(" ", description));
  }

  private void macro(String line) {
    page.append('.').append(line).append('\n');
  }

  private void text(String text) {
    String line = escaped(text.replace("%n", " ")).strip();
    page.append(line.startsWith(".") || line.startsWith("'") ? "\\&" : "")
        .append(line)
        .append('\n');
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\e").replace("-", "\\-");
  }
}
