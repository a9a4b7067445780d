package org.embedllm.app.cli;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/// The commands, in the order of the help text. A new command is one more line here.
final class Commands {
  /// A command by name.
  ///
  /// @param name what the user types, the same as in its `@Command`
  /// @param create makes the annotated command; it returns an [ExitStatus]
  record Entry(String name, Supplier<? extends Callable<Integer>> create) {}

  static final List<Entry> ALL = List.of();

  private Commands() {}

  /// The command of that name, or none.
  static List<Entry> named(String name) {
    return ALL.stream().filter(entry -> entry.name().equals(name)).toList();
  }
}
