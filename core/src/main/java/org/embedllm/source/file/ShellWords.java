package org.embedllm.source.file;

/// Arguments of a command that a user may paste into a shell.
public final class ShellWords {
  private ShellWords() {}

  /// An argument as a shell takes it.
  public static String quoted(String argument) {
    return argument.matches("[\\w@%+=:,./-]+")
        ? argument
        : "'" + argument.replace("'", "'\\''") + "'";
  }
}
