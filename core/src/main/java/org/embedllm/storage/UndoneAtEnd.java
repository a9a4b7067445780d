package org.embedllm.storage;

import java.io.IOException;

/// Steps that are undone when the process ends before they are closed, such as making a temporary
/// file. A step and its undoing are never under way at the same time, and no step begins after it.
/// Safe for several threads.
final class UndoneAtEnd implements AutoCloseable {
  /// One step.
  @FunctionalInterface
  interface Step {
    void run() throws IOException;
  }

  private final Runnable undo;
  private final Runnable task = this::undo;
  private boolean undone;

  /// Where the process is ending already, waits for its end.
  ///
  /// @param undo also of steps that have not begun or are half done
  UndoneAtEnd(Runnable undo) {
    this.undo = undo;
    if (!ShutdownTasks.add(task)) {
      ShutdownTasks.awaitEnd(); // Nobody would undo it.
    }
  }

  /// Does a step; where the process is ending, waits for its end instead.
  void step(Step step) throws IOException {
    synchronized (this) {
      if (!undone) {
        step.run();
        return;
      }
    }
    ShutdownTasks.awaitEnd();
  }

  private synchronized void undo() {
    undone = true;
    undo.run();
  }

  /// Nothing is to be undone any more.
  @Override
  public void close() {
    ShutdownTasks.remove(task);
  }
}
