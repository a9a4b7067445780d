package org.embedllm.gateway.upstream;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Ends the waiting of one request's thread: when a deadline has passed, or when the client has
/// gone.
///
/// The thread that waits arms the guard before and disarms it after; in between, and only then,
/// another thread may interrupt it. A blocked read of a virtual thread ends on interrupt, and its
/// connection with it.
public final class CallGuard {
  private @Nullable Thread waiting;
  private long deadline;
  private boolean timedOut;
  private boolean gone;
  private boolean stopped;

  /// @param until `System.nanoTime()` at which waiting ends
  /// @throws ClientGone where the client has already left
  public synchronized void arm(long until) throws ClientGone {
    if (gone) {
      throw new ClientGone();
    }
    timedOut = stopped;
    deadline = stopped ? System.nanoTime() : until;
    waiting = Thread.currentThread();
    if (stopped) {
      waiting.interrupt();
    }
  }

  /// Ends the dangerous part. Clears an interrupt that the guard itself has caused.
  ///
  /// @throws ClientGone where that is why waiting ended
  public synchronized void disarm() throws ClientGone {
    release();
    if (gone) {
      throw new ClientGone();
    }
  }

  private void release() {
    boolean own = waiting != null && (timedOut || gone);
    waiting = null;
    if (own) {
      Thread.interrupted();
    }
  }

  /// Whether the last waiting was ended by its deadline.
  public synchronized boolean timedOut() {
    return timedOut;
  }

  /// The client has left: its work is cancelled.
  public synchronized void clientGone() {
    gone = true;
    Optional.ofNullable(waiting).ifPresent(Thread::interrupt);
  }

  /// The gateway stops: every waiting ends.
  public synchronized void stop() {
    stopped = true;
    if (waiting != null && !timedOut) {
      timedOut = true;
      waiting.interrupt();
    }
  }

  /// Whether the gateway stops.
  public synchronized boolean isStopped() {
    return stopped;
  }

  public synchronized boolean isClientGone() {
    return gone;
  }

  /// Looks at the clock; called from time to time by another thread.
  public synchronized void check(long now) {
    if (waiting != null && !timedOut && now - deadline >= 0) {
      timedOut = true;
      waiting.interrupt();
    }
  }

  /// The client has closed its connection and waits for no answer.
  public static final class ClientGone extends Exception {
    private static final long serialVersionUID = 1L;

    public ClientGone() {
      super("the client has gone", null, false, false);
    }
  }
}
