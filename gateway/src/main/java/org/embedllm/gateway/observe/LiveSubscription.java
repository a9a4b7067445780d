package org.embedllm.gateway.observe;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// One listener's view of [LiveFeed]: a bounded queue. Where it is full, the oldest events are
/// dropped, and the listener is told how many. Used by one thread; closed with the listener.
public final class LiveSubscription implements AutoCloseable {
  private final int capacity;
  private final Consumer<LiveSubscription> leave;
  private final Deque<LiveEvent> queue = new ArrayDeque<>();
  private long lost;
  private boolean closed;

  LiveSubscription(int capacity, Consumer<LiveSubscription> leave) {
    this.capacity = capacity;
    this.leave = leave;
  }

  /// Never waits for the listener.
  synchronized void offer(LiveEvent event) {
    if (queue.size() == capacity) {
      queue.removeFirst();
      lost++;
    }
    queue.addLast(event);
    notifyAll();
  }

  /// The next event, in the order in which they happened.
  ///
  /// @param most how long to wait for one
  /// @return empty where nothing happened in this time, or the subscription is closed
  public synchronized Optional<LiveEvent> next(Duration most) throws InterruptedException {
    long until = System.nanoTime() + most.toNanos();
    while (queue.isEmpty() && !closed) {
      long left = until - System.nanoTime();
      if (left <= 0) {
        return Optional.empty();
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    if (lost > 0) {
      var told = new LiveEvent.Lost(lost);
      lost = 0;
      return Optional.of(told);
    }
    return Optional.ofNullable(queue.pollFirst());
  }

  /// Whether no event will come any more: the listener has closed it, or the gateway stops.
  public synchronized boolean closed() {
    return closed;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    leave.accept(this);
  }
}
