package org.embedllm.app.cli;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/// A command by name, not yet set up.
///
/// @param name what the user types, the same as in its `@Command`
/// @param create makes the annotated command; calling it returns an [ExitStatus]
/// @param ahead what the command will need, loaded on other threads while its options are read
public record CommandEntry(
    String name, Supplier<? extends Callable<Integer>> create, List<Runnable> ahead) {
  /// A command that loads nothing ahead.
  public CommandEntry(String name, Supplier<? extends Callable<Integer>> create) {
    this(name, create, List.of());
  }

  void loadAhead() {
    ahead.forEach(task -> Thread.ofPlatform().daemon().name("ahead of " + name).start(task));
  }
}
