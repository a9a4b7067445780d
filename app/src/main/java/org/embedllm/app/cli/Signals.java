package org.embedllm.app.cli;

import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.embedllm.storage.ShutdownTasks;
import org.jspecify.annotations.Nullable;

/// Ends the process at a signal: does what is to be done at the end, and stops the Java machine at
/// once, with status 128 and the signal's number.
///
/// The Java machine would end by its shutdown hooks. One of them is ONNX Runtime's, which frees
/// what threads that still encode are using: a crash instead of an end, in about one of six
/// interrupted runs of `encode`.
public final class Signals {
  private static final Map<String, Integer> STATUS = Map.of("INT", 130, "TERM", 143, "HUP", 129);

  /// Whether a signal or the command's own end came first.
  private final AtomicBoolean decided = new AtomicBoolean();

  private final Thread taking =
      Thread.ofPlatform().daemon().name("take signals").unstarted(() -> STATUS.forEach(this::take));

  private Signals() {}

  /// Takes the signals, on another thread, since a short command would wait some milliseconds.
  /// Until then the Java machine ends by its hooks, of which [ShutdownTasks] is one; so it does
  /// where the platform does not let the program have them.
  public static Signals take() {
    Signals signals = new Signals();
    try {
      signals.taking.start();
    } catch (OutOfMemoryError e) {
      STATUS.forEach(signals::take); // No more threads can be started.
    }
    return signals;
  }

  /// The command has ended by itself: later signals change nothing, for its result is out. Does not
  /// return where a signal came first.
  public void done() {
    try {
      taking.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!decided.compareAndSet(false, true)) {
      while (true) {
        LockSupport.park();
      }
    }
    ShutdownTasks.awaitEnd(); // where the Java machine kept the signals
  }

  /// `sun.misc.Signal` is exported for such programs (module jdk.unsupported), but a compiler warns
  /// of each use of its name, and that cannot be turned off.
  private void take(String name, int status) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object handled =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) ->
                  method.getDeclaringClass() == handler
                      ? end(status)
                      : method.invoke(this, arguments)); // hashCode and the like
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), handled);
    } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
      // Not on this platform, or not with its options (-Xrs).
      return;
    }
  }

  /// @return null, for a handler returns nothing
  private @Nullable Object end(int status) {
    if (decided.compareAndSet(false, true)) {
      try {
        ShutdownTasks.run();
      } finally {
        Runtime.getRuntime().halt(status);
      }
    }
    return null;
  }
}
