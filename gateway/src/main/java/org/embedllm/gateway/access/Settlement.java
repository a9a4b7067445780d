package org.embedllm.gateway.access;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.embedllm.gateway.access.SharedUsage.Change;
import org.embedllm.gateway.access.SharedUsage.Demand;
import org.embedllm.gateway.access.SharedUsage.Outcome;
import org.embedllm.gateway.access.SharedUsage.Unavailable;
import org.embedllm.gateway.access.SharedUsage.Window;

/// Reserves at once and settles a little later, so that no client waits for it. A database that
/// does not answer is left alone for a while. Safe for several threads.
final class Settlement implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final Duration PAUSE = Duration.ofSeconds(5);
  private static final Duration GATHER = Duration.ofMillis(100);

  private final SharedUsage usage;
  private final Map<Window, Double> waiting = new HashMap<>();
  private final Map<Window, Double> writing = new HashMap<>();
  private final AtomicLong restUntil = new AtomicLong(System.nanoTime());
  private final ExecutorService asking = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("gateway-settlement").factory());

  Settlement(SharedUsage usage) {
    this.usage = usage;
    var settling =
        timer.scheduleWithFixedDelay(
            this::settle, GATHER.toMillis(), GATHER.toMillis(), TimeUnit.MILLISECONDS);
    if (settling.isDone()) {
      throw new IllegalStateException("the settlement of keys has ended");
    }
  }

  /// @throws Unavailable where the database does not answer in three seconds, or did not lately
  Outcome reserve(List<Demand> demands) throws Unavailable {
    if (rests()) {
      throw new Unavailable(new TimeoutException("it did not answer lately"));
    }
    List<Demand> known = demands.stream().map(this::withWhatWaits).toList();
    Future<Outcome> asked = asking.submit(() -> usage.reserve(known));
    try {
      return asked.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable(e);
    } catch (ExecutionException | TimeoutException e) {
      asked.cancel(true);
      rest();
      throw new Unavailable(e);
    }
  }

  /// A correction that is not written yet counts already.
  private Demand withWhatWaits(Demand demand) {
    synchronized (waiting) {
      double change =
          waiting.getOrDefault(demand.window(), 0.0) + writing.getOrDefault(demand.window(), 0.0);
      return new Demand(demand.window(), demand.amount(), demand.limit() - change);
    }
  }

  private boolean rests() {
    return restUntil.get() - System.nanoTime() > 0;
  }

  private void rest() {
    restUntil.set(System.nanoTime() + PAUSE.toNanos());
  }

  /// Changes a count soon.
  void later(Window window, double amount) {
    if (amount != 0) {
      synchronized (waiting) {
        waiting.merge(window, amount, Double::sum);
      }
    }
  }

  private void settle() {
    if (rests()) {
      return;
    }
    List<Change> changes = new ArrayList<>();
    synchronized (waiting) {
      writing.putAll(waiting);
      waiting.clear();
      writing.forEach((window, amount) -> changes.add(new Change(window, amount)));
    }
    if (changes.isEmpty()) {
      return;
    }
    boolean written = false;
    try {
      usage.settle(changes);
      written = true;
    } catch (Unavailable e) {
      rest();
    } finally {
      synchronized (waiting) {
        if (!written) {
          writing.forEach((window, amount) -> waiting.merge(window, amount, Double::sum));
        }
        writing.clear();
      }
    }
  }

  @Override
  public void close() {
    timer.shutdown();
    try {
      if (timer.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        settle();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    asking.shutdownNow();
  }
}
