package org.embedllm.app.cli;

import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.embedllm.storage.ShutdownTasks;

/// Ends the process at a signal: does what is to be done at the end, and stops the Java machine at
/// once, with status 128 and the signal's number.
///
/// The Java machine would end by its shutdown hooks. One of them is ONNX Runtime's, which frees
/// what threads that still encode are using: a crash instead of an end, in about one of six
/// interrupted runs of `encode`.
public final class Signals {
  private static final Map<String, Integer> STATUS = Map.of("INT", 130, "TERM", 143, "HUP", 129);

  private final AtomicBoolean ending = new AtomicBoolean();

  private Signals() {}

  /// Takes the signals from now on. Where the platform does not let it, the Java machine keeps
  /// them.
  public static void take() {
    Signals signals = new Signals();
    STATUS.forEach(signals::take);
  }

  /// `sun.misc.Signal` is exported for such programs (module jdk.unsupported), but a compiler warns
  /// of each use of its name, and that cannot be turned off.
  private void take(String name, int status) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Lookup lookup = MethodHandles.lookup();
      var end =
          MethodHandles.insertArguments(
              lookup.bind(this, "end", MethodType.methodType(void.class, int.class)), 0, status);
      Object handled =
          MethodHandleProxies.asInterfaceInstance(
              handler, MethodHandles.dropArguments(end, 0, signal));
      lookup
          .findStatic(signal, "handle", MethodType.methodType(handler, signal, handler))
          .invoke(
              lookup
                  .findConstructor(signal, MethodType.methodType(void.class, String.class))
                  .invoke(name),
              handled);
    } catch (Throwable e) {
      // Not on this platform, or not with its options (-Xrs).
      return;
    }
  }

  @SuppressWarnings("UnusedMethod") // by its name, above
  private void end(int status) {
    if (ending.compareAndSet(false, true)) {
      ShutdownTasks.run();
      Runtime.getRuntime().halt(status);
    }
  }
}
