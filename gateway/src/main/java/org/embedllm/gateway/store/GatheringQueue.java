package org.embedllm.gateway.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/// A bounded queue from which one thread takes batches, in the order in which elements came.
///
/// That thread wakes for the first element of a batch, for an urgent element, and when a batch is
/// full or its time is over. It does not wake for each element, which would cost more than to write
/// it.
///
/// @param <T> elements
final class GatheringQueue<T> {
  private final int mostWaiting;
  private final int mostInBatch;
  private final Duration gather;
  private final Predicate<T> urgent;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition due = lock.newCondition();
  private final Condition space = lock.newCondition();
  private final Queue<T> waiting = new ArrayDeque<>();
  private int urgentWaiting;
  private boolean closed;

  /// @param mostWaiting elements, at least 1
  /// @param mostInBatch elements of one batch, 1 to `mostWaiting`
  /// @param gather how long a batch waits for more elements
  /// @param urgent whether an element ends the waiting
  GatheringQueue(int mostWaiting, int mostInBatch, Duration gather, Predicate<T> urgent) {
    this.mostWaiting = mostWaiting;
    this.mostInBatch = mostInBatch;
    this.gather = gather;
    this.urgent = urgent;
  }

  /// Adds an element; also after [#close].
  ///
  /// @param patience how long to wait for space
  /// @return whether there was space
  boolean offer(T element, Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = patience.toNanos();
      while (waiting.size() == mostWaiting) {
        if (left <= 0) {
          return false;
        }
        left = space.awaitNanos(left);
      }
      waiting.add(element);
      boolean hurry = urgent.test(element);
      if (hurry) {
        urgentWaiting++;
      }
      if (hurry || waiting.size() == 1 || waiting.size() == mostInBatch) {
        due.signal();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Waits for the next batch and adds it to the list.
  ///
  /// @return false where the queue is closed and empty
  boolean take(List<? super T> batch) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting.isEmpty() && !closed) {
        due.await();
      }
      long left = gather.toNanos();
      while (left > 0 && urgentWaiting == 0 && waiting.size() < mostInBatch && !closed) {
        left = due.awaitNanos(left);
      }
      return move(batch);
    } finally {
      lock.unlock();
    }
  }

  private boolean move(List<? super T> batch) {
    int moved = 0;
    for (; moved < mostInBatch && !waiting.isEmpty(); moved++) {
      T element = waiting.remove();
      if (urgent.test(element)) {
        urgentWaiting--;
      }
      batch.add(element);
    }
    space.signalAll();
    return moved > 0;
  }

  /// Ends all waiting for elements. What is in the queue can still be taken.
  void close() {
    lock.lock();
    try {
      closed = true;
      due.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
