package org.embedllm.linalg;

import java.util.function.IntConsumer;

/// Runs independent tasks. Which thread runs which task never changes a result, for a task writes
/// what no other task of the same run reads or writes.
public final class Workers implements AutoCloseable {
  private final int threads;

  /// @param threads at least 1, the caller's own among them
  public Workers(int threads) {
    this.threads = threads;
  }

  /// Number of threads, the caller's own among them.
  public int threads() {
    return threads;
  }

  /// Runs `task` for 0 to `count − 1` and returns when all are done.
  public void run(int count, IntConsumer task) {
    for (int i = 0; i < count; i++) {
      task.accept(i);
    }
  }

  @Override
  public void close() {}
}
