package org.embedllm.storage;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// What is done when the process ends before its work does: notes, temporary files, servers. One
/// after the other, in the order in which they were added, and once.
///
/// A shutdown hook of the Java machine does them, or a program that takes signals itself. Safe for
/// several threads.
public final class ShutdownTasks {
  private static final ShutdownTasks OF_PROCESS = new ShutdownTasks();

  private final Set<Runnable> tasks = new LinkedHashSet<>();
  private boolean ending;
  private @Nullable Thread ender;

  private ShutdownTasks() {
    try {
      Runtime.getRuntime()
          .addShutdownHook(Thread.ofPlatform().name("shutdown-tasks").unstarted(this::end));
    } catch (IllegalStateException e) {
      ending = true;
    }
  }

  /// Adds a task.
  ///
  /// @return whether it will be done: the process is not ending already
  public static boolean add(Runnable task) {
    synchronized (OF_PROCESS) {
      return !OF_PROCESS.ending && OF_PROCESS.tasks.add(task);
    }
  }

  /// Takes a task back.
  public static void remove(Runnable task) {
    synchronized (OF_PROCESS) {
      OF_PROCESS.tasks.remove(task);
    }
  }

  /// Does all tasks now; the process ends afterwards.
  public static void run() {
    OF_PROCESS.end();
  }

  /// Waits for the end of the process where it is ending, unless the thread is the one that ends
  /// it; otherwise returns at once. What a task has stopped must not end the process with a status
  /// of its own.
  public static void awaitEnd() {
    synchronized (OF_PROCESS) {
      if (!OF_PROCESS.ending || Thread.currentThread().equals(OF_PROCESS.ender)) {
        return;
      }
    }
    while (true) {
      LockSupport.park();
    }
  }

  private void end() {
    List<Runnable> now;
    synchronized (this) {
      ending = true;
      ender = Thread.currentThread();
      now = new ArrayList<>(tasks);
      tasks.clear();
    }
    for (Runnable task : now) {
      try {
        task.run();
      } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
        // Looked up here: commands that end well do without a logger.
        LoggerFactory.getLogger(ShutdownTasks.class).debug("a task at the end failed", e);
      }
    }
  }
}
