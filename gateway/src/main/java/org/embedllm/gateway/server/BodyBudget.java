package org.embedllm.gateway.server;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.embedllm.gateway.openai.ApiException;

/// Bytes of the bodies of all requests under way. Safe for several threads.
public final class BodyBudget {
  private final AtomicLong taken = new AtomicLong();

  /// One request's part. Used by one thread.
  public static final class Reservation implements AutoCloseable {
    private final BodyBudget budget;
    private long bytes;

    public Reservation(BodyBudget budget) {
      this.budget = budget;
    }

    /// Takes more bytes. A request that is alone gets as many as it wants.
    ///
    /// @param most of all requests together
    /// @throws ApiException 429 where there are not so many left
    void take(long more, long most) {
      long all = budget.taken.addAndGet(more);
      bytes += more;
      if (all > most && all > bytes) {
        throw ApiException.tooMany(
            "gateway_busy",
            "the bodies of the requests under way have too many bytes together",
            Duration.ofSeconds(1));
      }
    }

    @Override
    public void close() {
      budget.taken.addAndGet(-bytes);
      bytes = 0;
    }
  }
}
