package org.embedllm.app.cli;

import java.util.concurrent.Callable;
import java.util.function.Supplier;

/// A command by name, not yet set up.
///
/// @param name what the user types, the same as in its `@Command`
/// @param create makes the annotated command; calling it returns an [ExitStatus]
public record CommandEntry(String name, Supplier<? extends Callable<Integer>> create) {}
