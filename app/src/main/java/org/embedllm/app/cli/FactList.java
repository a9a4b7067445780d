package org.embedllm.app.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Names and their values in two columns. A value that does not fit its line goes on in the next
/// one, below its beginning; a word that does not fit has a line of its own.
public final class FactList {
  private static final int GAP = 2; // between the columns

  private final Map<String, String> facts = new LinkedHashMap<>();

  /// @param name distinct from the others
  public FactList fact(String name, String value) {
    facts.put(Terminal.shown(name), Terminal.shown(value.replace("\n", "\\n")));
    return this;
  }

  /// Prints a line or more for each fact, in the order they were given.
  public void print(Console console) {
    int names = facts.keySet().stream().mapToInt(Terminal::columns).max().orElse(0) + GAP;
    int width = console.terminal().width() - names;
    facts.forEach((name, value) -> {
      List<String> lines = Paragraph.wrapped(value, width);
      boolean fits = lines.stream().allMatch(line -> Terminal.columns(line) <= width);
      String first = fits ? name + " ".repeat(names - Terminal.columns(name)) : name + "\n  ";
      console.text(first + String.join("\n" + " ".repeat(fits ? names : 2), lines) + "\n");
    });
  }
}
