package org.embedllm.app.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/// Help that fits the terminal: commands by what they are for, paragraphs as wide as there is
/// space.
final class HelpText {
  private static final String OTHERS = "Other";
  private static final int NARROWEST = 55; // columns; picocli takes no less
  private static final int WIDEST = 10_000;

  /// The commands of each group, in the order of the help.
  private static final Map<String, List<String>> GROUPS = groups();

  private HelpText() {}

  private static Map<String, List<String>> groups() {
    Map<String, List<String>> groups = new LinkedHashMap<>();
    groups.put("Start here", List.of("quickstart"));
    groups.put("Data", List.of("import", "encode", "inspect", "export", "ask"));
    groups.put("Train", List.of("train", "tune", "evaluate", "add", "plan", "learn", "spark"));
    groups.put("Use", List.of("forecast", "route", "models", "similar", "benchmark"));
    groups.put("Study", List.of("explore", "experiment"));
    groups.put("Serve", List.of("serve", "key", "replay", "report", "cache"));
    groups.put(OTHERS, List.of("completion", "help"));
    return groups;
  }

  /// Sets a command and its subcommands up for a terminal.
  static void fit(CommandLine line, Terminal terminal) {
    line.setUsageHelpAutoWidth(false)
        .setUsageHelpWidth(Math.max(NARROWEST, terminal.width()))
        .setColorScheme(Help.defaultColorScheme(terminal.colors() ? Help.Ansi.ON : Help.Ansi.OFF));
    line.getHelpSectionMap()
        .put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING, HelpText::nothing);
    line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_SYNOPSIS, HelpText::synopsis);
    line.getSubcommands()
        .values()
        .forEach(command ->
            command
                .getHelpSectionMap()
                .put(UsageMessageSpec.SECTION_KEY_SYNOPSIS, HelpText::synopsis));
    line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, HelpText::commands);
    paragraphs(line.getCommandSpec());
    line.getSubcommands().values().forEach(command -> paragraphs(command.getCommandSpec()));
  }

  private static void paragraphs(CommandSpec spec) {
    UsageMessageSpec usage = spec.usageMessage();
    usage.footer(broken(usage.footer(), usage.width()));
    usage.description(broken(usage.description(), usage.width()));
  }

  /// Paragraphs in lines that fit: picocli breaks longer ones within words, after a comma or a full
  /// stop.
  private static String[] broken(String[] lines, int width) {
    return commands(Paragraph.joined(lines)).stream()
        .flatMap(line -> {
          if (line.contains("%n") || line.contains("@|")) {
            return Stream.of(line);
          }
          String joint =
              (line.startsWith("  embedllm ") || line.startsWith("Example: embedllm "))
                  ? " \\"
                  : "";
          return Paragraph.wrapped(line, width, joint).stream();
        })
        .toArray(String[]::new);
  }

  /// Example commands that go on after a backslash as one line each: they are broken again.
  private static List<String> commands(String[] lines) {
    List<String> whole = new ArrayList<>();
    for (String line : lines) {
      if (!whole.isEmpty() && whole.getLast().endsWith(" \\")) {
        String before = whole.removeLast();
        whole.add(before.substring(0, before.length() - 1) + line.strip());
      } else {
        whole.add(line);
      }
    }
    return whole;
  }

  /// The usage line, broken between its parts alone.
  private static String synopsis(Help help) {
    UsageMessageSpec usage = help.commandSpec().usageMessage();
    int width = usage.width();
    String whole;
    try {
      usage.width(WIDEST);
      whole = help.synopsis(help.synopsisHeadingLength());
    } finally {
      usage.width(width);
    }
    String margin =
        " ".repeat(help.synopsisHeadingLength() + help.commandSpec().qualifiedName().length() + 1);
    StringBuilder text = new StringBuilder();
    int column = help.synopsisHeadingLength();
    for (String part : whole.strip().split("\\s+")) {
      int columns = Terminal.columns(part);
      boolean first = text.isEmpty();
      if (!first && column + 1 + columns > width) {
        text.append('\n').append(margin).append(part);
        column = margin.length() + columns;
      } else {
        text.append(first ? "" : " ").append(part);
        column += columns + (first ? 0 : 1);
      }
    }
    return text.append('\n').toString();
  }

  private static String nothing(Help help) {
    return "";
  }

  private static String commands(Help help) {
    Map<String, Help> all = help.subcommands();
    Set<String> grouped =
        GROUPS.values().stream().flatMap(List::stream).collect(Collectors.toSet());
    int names = all.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder text = new StringBuilder();
    GROUPS.forEach((group, members) -> {
      List<String> here =
          all.keySet().stream()
              .filter(name ->
                  members.contains(name) || (group.equals(OTHERS) && !grouped.contains(name)))
              .sorted((a, b) -> Integer.compare(members.indexOf(a), members.indexOf(b)))
              .toList();
      if (!here.isEmpty()) {
        text.append('\n').append(help.colorScheme().text("@|bold " + group + "|@")).append('\n');
        text.append(table(help, here, names));
      }
    });
    return text.toString();
  }

  private static TextTable table(Help help, List<String> names, int longest) {
    int width = help.commandSpec().usageMessage().width();
    TextTable table =
        TextTable.forColumns(
            help.colorScheme(),
            new Column(longest + 2, 2, Overflow.SPAN),
            new Column(width - longest - 2, 2, Overflow.WRAP));
    table.setAdjustLineBreaksForWideCJKCharacters(
        help.commandSpec().usageMessage().adjustLineBreaksForWideCJKCharacters());
    for (String name : names) {
      Help command = Objects.requireNonNull(help.subcommands().get(name));
      String[] description = command.commandSpec().usageMessage().description();
      table.addRowValues(
          help.colorScheme().commandText(name),
          help.colorScheme().text(summary(String.join(" ", description))));
    }
    return table;
  }

  /// The first sentence, or what is before its first semicolon.
  private static String summary(String text) {
    String plain = text.replace("%n", " ").strip();
    int end = plain.indexOf(". ");
    String sentence = end < 0 ? plain : plain.substring(0, end + 1);
    int clause = sentence.indexOf(';');
    return clause < 0 ? sentence : sentence.substring(0, clause) + ".";
  }
}
