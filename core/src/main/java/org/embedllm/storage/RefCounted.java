package org.embedllm.storage;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// Something shared that is closed when its owner and its last user have let go of it.
public final class RefCounted<T> {
  private final T value;
  private final Runnable close;
  private final AtomicInteger holders = new AtomicInteger(1);

  public RefCounted(T value, Runnable close) {
    this.value = value;
    this.close = close;
  }

  /// Takes hold of whatever is current, which its owner may replace at the same moment.
  public static <T> RefCounted<T> held(Supplier<RefCounted<T>> current) {
    while (true) {
      RefCounted<T> shared = current.get();
      if (shared.hold()) {
        return shared;
      }
    }
  }

  public T value() {
    return value;
  }

  /// Takes hold of it; false where it is closed already.
  public boolean hold() {
    while (true) {
      int n = holders.get();
      if (n == 0) {
        return false;
      }
      if (holders.compareAndSet(n, n + 1)) {
        return true;
      }
    }
  }

  public void release() {
    if (holders.decrementAndGet() == 0) {
      close.run();
    }
  }
}
