package org.embedllm.app.cli;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.embedllm.storage.Printable;

/// Where text goes: how many columns there are, and whether colors are seen.
///
/// @param width columns
/// @param colors whether colors may be used
public record Terminal(int width, boolean colors) {
  private static final int USUAL = 80;
  private static final int LEAST = 40;
  private static final int MOST = 160;
  private static final Pattern STYLE = Pattern.compile("\u001B\\[[0-9;]*m");
  private static final Pattern OWN_STYLE = Pattern.compile("\u001B\\[(0|1|32)m");

  /// When colors are used: `--color`.
  public enum Colors {
    /// On a terminal, unless `NO_COLOR` is set or the terminal is a dumb one.
    AUTO,
    ALWAYS,
    NEVER
  }

  /// What the launcher and the environment say. No Java API tells whether standard output is a
  /// terminal, nor how wide it is, so the launcher does.
  static Terminal current() {
    return of(
        System.getenv(),
        isStandardOutput(),
        Optional.ofNullable(System.getProperty("embedllm.columns")));
  }

  /// Whether standard output is a terminal.
  static boolean isStandardOutput() {
    return Boolean.getBoolean("embedllm.stdout.terminal");
  }

  /// @param terminal whether standard output is one
  /// @param columns of it, where the launcher knows
  static Terminal of(Map<String, String> environment, boolean terminal, Optional<String> columns) {
    int width =
        columns
            .or(() -> Optional.ofNullable(environment.get("COLUMNS")))
            .filter(text -> text.matches("[1-9][0-9]{0,4}"))
            .map(Integer::parseInt)
            .orElse(USUAL);
    boolean colors =
        terminal
            && environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !environment.getOrDefault("TERM", "").equals("dumb");
    return new Terminal(Math.clamp(width, LEAST, MOST), colors);
  }

  Terminal with(Colors when) {
    return switch (when) {
      case AUTO -> this;
      case ALWAYS -> new Terminal(width, true);
      case NEVER -> new Terminal(width, false);
    };
  }

  /// The same with a margin of so many columns.
  public Terminal indented(int margin) {
    return new Terminal(Math.max(LEAST, width - margin), colors);
  }

  /// Text in bold.
  String bold(String text) {
    return styled("1", text);
  }

  /// Text in the color of what is chosen or good.
  String good(String text) {
    return styled("32", text);
  }

  private String styled(String code, String text) {
    return colors && !text.isEmpty() ? "\u001B[" + code + "m" + text + "\u001B[0m" : text;
  }

  /// A text as it may be printed: characters from files that would act on a terminal are shown as
  /// escapes. Line ends and the styles of [#bold] and [#good] stay.
  static String shown(String text) {
    if (text.chars().noneMatch(c -> c != '\n' && Printable.acts((char) c))) {
      return text;
    }
    StringBuilder shown = new StringBuilder(text.length() + 16);
    int plain = 0;
    Matcher style = OWN_STYLE.matcher(text);
    while (style.find()) {
      shown.append(lines(text.substring(plain, style.start()))).append(style.group());
      plain = style.end();
    }
    return shown.append(lines(text.substring(plain))).toString();
  }

  private static String lines(String text) {
    return Arrays.stream(text.split("\n", -1))
        .map(Printable::text)
        .collect(Collectors.joining("\n"));
  }

  /// Columns that a text takes.
  static int columns(String text) {
    String plain = text.indexOf('\u001B') < 0 ? text : STYLE.matcher(text).replaceAll("");
    return plain.codePointCount(0, plain.length());
  }
}
