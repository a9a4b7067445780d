package org.embedllm.app.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Lines of text broken between words, never within one, nor between a number and its percent sign:
/// a word that is too long has a line of its own.
final class Paragraph {
  private static final Pattern WORD = Pattern.compile("[^ ]+(?: %[^ ]*)?");

  /// What is in quotation marks of a shell is one word: a break would change it. An option stays
  /// with its value.
  private static final Pattern SHELL_WORD =
      Pattern.compile("(?:--[a-z-]+ (?!-))?(?:'[^']*'|[^ '])+");

  private Paragraph() {}

  /// A line as several that fit; further ones begin where the first one does.
  static List<String> wrapped(String line, int width) {
    return wrapped(line, width, "");
  }

  /// @param joint is at the end of each line but the last, such as ` \` in a shell command
  static List<String> wrapped(String line, int width, String joint) {
    if (Terminal.columns(line) <= width) {
      return List.of(line);
    }
    String margin = line.substring(0, line.length() - line.stripLeading().length());
    String hanging = joint.isEmpty() ? margin : margin + "    ";
    List<String> lines = new ArrayList<>();
    StringBuilder current = new StringBuilder(margin);
    boolean empty = true;
    for (String word : words(line, joint.isEmpty() ? WORD : SHELL_WORD)) {
      int columns = Terminal.columns(current.toString()) + 1 + Terminal.columns(word);
      if (!empty && columns + joint.length() > width) {
        lines.add(current + joint);
        current = new StringBuilder(hanging);
        empty = true;
      }
      current.append(empty ? "" : " ").append(word);
      empty = false;
    }
    lines.add(current.toString());
    return lines;
  }

  private static List<String> words(String line, Pattern word) {
    return word.matcher(line).results().map(MatchResult::group).toList();
  }

  /// Lines as they stand in source code as paragraphs: consecutive ones joined, except before a
  /// line that is blank, indented, or an example.
  static String[] joined(String... lines) {
    List<String> paragraphs = new ArrayList<>();
    for (String line : lines) {
      boolean goesOn =
          !paragraphs.isEmpty()
              && !paragraphs.getLast().isBlank()
              && !paragraphs.getLast().startsWith(" ")
              && !line.isBlank()
              && !line.startsWith(" ")
              && !line.startsWith("Example")
              && !line.startsWith("Exit status");
      if (goesOn) {
        paragraphs.add(paragraphs.removeLast() + " " + line);
      } else {
        paragraphs.add(line);
      }
    }
    return paragraphs.toArray(String[]::new);
  }
}
