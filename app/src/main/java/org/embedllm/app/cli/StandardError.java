package org.embedllm.app.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.util.stream.Collectors;

/// Standard error as the launcher set it up.
///
/// The Java platform announces every incubating module on standard error before a program's first
/// line runs, and has no switch to leave that out. The launcher therefore starts the commands that
/// compute with the vector module with descriptor 2 on `/dev/null` and the real one on descriptor
/// 3, and sets the property `embedllm.stderr` to 3; [#restore] puts it back before anything else
/// happens.
public final class StandardError {
  private static final int DESCRIPTOR = 2;

  private StandardError() {}

  /// Whether standard error is a terminal: no Java API says this, so the launcher does.
  public static boolean isTerminal() {
    return Boolean.getBoolean("embedllm.stderr.terminal");
  }

  /// A message as it is written: on a terminal in lines that fit, elsewhere as it is, so that
  /// programs can read it.
  static String fitted(String message) {
    return isTerminal() ? fitted(message, Terminal.current().width()) : message;
  }

  static String fitted(String message, int width) {
    return message
        .lines()
        .flatMap(line -> Paragraph.wrapped(line, width).stream())
        .collect(Collectors.joining(System.lineSeparator()));
  }

  /// Restores descriptor 2 to the real standard error where the launcher moved it.
  @SuppressWarnings("restricted") // dup2 takes and returns plain ints: no memory is touched.
  public static void restore() {
    Integer moved = Integer.getInteger("embedllm.stderr");
    if (moved == null) {
      return;
    }
    try {
      Linker linker = Linker.nativeLinker();
      var dup2 =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("dup2"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      int result = (int) dup2.invokeExact((int) moved, DESCRIPTOR);
      if (result != DESCRIPTOR) {
        throw new IllegalStateException("dup2 answered " + result);
      }
    } catch (Throwable thrown) {
      throw new IllegalStateException("standard error cannot be restored", thrown);
    }
  }
}
