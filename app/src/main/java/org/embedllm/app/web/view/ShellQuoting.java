package org.embedllm.app.web.view;

import java.util.regex.Pattern;

/// Words of a command line for a POSIX shell.
public final class ShellQuoting {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:@%+,=-]+");

  private ShellQuoting() {}

  /// A word quoted so that the shell passes it unchanged.
  public static String quoted(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
