package org.embedllm.app.gateway.api;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// Something shared that is closed when its owner and its last user have let go of it.
public final class Lease<T> {
  private final T value;
  private final Runnable close;
  private final AtomicInteger holders = new AtomicInteger(1);

  public Lease(T value, Runnable close) {
    this.value = value;
    this.close = close;
  }

  /// Takes hold of whatever is current, which its owner may replace at the same moment.
  static <T> Lease<T> held(Supplier<Lease<T>> current) {
    while (true) {
      Lease<T> lease = current.get();
      if (lease.hold()) {
        return lease;
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
