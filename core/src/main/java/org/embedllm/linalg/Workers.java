package org.embedllm.linalg;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Runs rounds of independent tasks on a few threads. Which thread runs which task never changes a
/// result, because no two tasks of a round touch the same output.
///
/// Each thread has its own share of the tasks, the same in every round, so that its data are in its
/// caches; then it takes what is left of the others', so a thread that the operating system does
/// not schedule delays nothing. Threads spin for the next round for a tenth of a millisecond and
/// then park: training has thousands of short rounds a second, and to wake a thread takes as long
/// as a round; threads that only spin slow each other down on a busy machine.
public final class Workers implements AutoCloseable {
  private static final int SPINS = 5_000;

  private final int threads;
  private final List<Worker> helpers = new ArrayList<>();
  private volatile Round current = Round.NONE;

  /// @param threads at least 1, the caller's own among them; the others are started on first use
  public Workers(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1; got " + threads);
    }
    this.threads = threads;
  }

  /// Number of threads, the caller's own among them.
  public int threads() {
    return threads;
  }

  /// Runs `task` for 0 to `count − 1` and returns when all are done. One round at a time: not for
  /// use by several threads, nor from within a task.
  public void run(int count, IntConsumer task) {
    if (threads == 1 || count <= 1) {
      for (int i = 0; i < count; i++) {
        task.accept(i);
      }
      return;
    }
    start();
    Round round = new Round(task, count, threads, Thread.currentThread());
    current = round;
    int wanted = Math.min(helpers.size(), count - 1);
    for (int i = 0; i < wanted; i++) {
      helpers.get(i).wake();
    }
    round.work(0);
    round.await();
    current = Round.NONE;
  }

  private void start() {
    while (helpers.size() < threads - 1) {
      Worker helper = new Worker(helpers.size() + 1);
      helper.thread =
          Thread.ofPlatform()
              .daemon()
              .name("embedllm-worker-" + (helpers.size() + 1))
              .start(helper);
      helpers.add(helper);
    }
  }

  /// Ends the helpers.
  @Override
  public void close() {
    for (Worker helper : helpers) {
      helper.closed = true;
      LockSupport.unpark(helper.thread);
    }
    helpers.clear();
  }

  private static final class Round {
    static final Round NONE = new Round(i -> {}, 0, 1, Thread.currentThread());

    private final IntConsumer task;
    private final int count;
    private final int threads;
    private final Thread caller;
    private final AtomicIntegerArray next; // of each thread's share
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Round(IntConsumer task, int count, int threads, Thread caller) {
      this.task = task;
      this.count = count;
      this.threads = threads;
      this.caller = caller;
      this.next = new AtomicIntegerArray(threads);
    }

    /// Does a thread's own share of the tasks, the same in every round of as many tasks, so that
    /// its data are in its caches; then what is left of the others'.
    void work(int thread) {
      for (int other = 0; other < threads; other++) {
        share((thread + other) % threads);
      }
    }

    private void share(int of) {
      int first = (int) ((long) of * count / threads);
      int end = (int) ((long) (of + 1) * count / threads);
      for (int i = first + next.getAndIncrement(of);
          i < end;
          i = first + next.getAndIncrement(of)) {
        try {
          task.accept(i);
        } catch (RuntimeException | Error e) {
          failure.compareAndSet(null, e);
        }
        if (done.incrementAndGet() == count) {
          LockSupport.unpark(caller);
        }
      }
    }

    void await() {
      for (int spins = 0; done.get() < count; spins++) {
        if (spins < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
        }
      }
      switch (failure.get()) {
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case null, default -> {}
      }
    }
  }

  private final class Worker implements Runnable {
    private final int number;
    private volatile Thread thread = Thread.currentThread();
    private volatile boolean parked;
    private volatile boolean closed;

    Worker(int number) {
      this.number = number;
    }

    void wake() {
      if (parked) {
        LockSupport.unpark(thread);
      }
    }

    @Override
    public void run() {
      Round last = Round.NONE;
      while (!closed) {
        Round round = await(last);
        round.work(number);
        last = round;
      }
    }

    /// The next round after `last`; any round once closed.
    private Round await(Round last) {
      for (int spins = 0; spins < SPINS; spins++) {
        Round round = current;
        if (isNew(round, last)) {
          return round;
        }
        Thread.onSpinWait();
      }
      parked = true;
      try {
        Round round = current;
        while (!closed && !isNew(round, last)) {
          LockSupport.park(Workers.this);
          round = current;
        }
        return round;
      } finally {
        parked = false;
      }
    }

    @SuppressWarnings("ReferenceEquality") // a round is itself and no other
    private boolean isNew(Round round, Round last) {
      return round != last && round != Round.NONE;
    }
  }
}
