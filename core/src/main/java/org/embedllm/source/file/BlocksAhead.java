package org.embedllm.source.file;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Supplier;

/// Blocks that another thread fills ahead of their consumer, a few at most.
///
/// @param <A> an array of bytes or characters
final class BlocksAhead<A> {
  private static final int BLOCKS = 6;

  /// Fills a block.
  @FunctionalInterface
  interface Source<A> {
    /// @return how many elements were filled in; 0 or less at the end
    int fill(A block) throws IOException;
  }

  /// An item from the filling thread: elements, the end, or its error.
  private record Block<A>(A elements, int length, Optional<IOException> failure) {
    boolean isLast() {
      return length <= 0 || failure.isPresent();
    }
  }

  private final Source<A> source;
  private final BlockingQueue<Block<A>> filled = new ArrayBlockingQueue<>(BLOCKS);
  private final BlockingQueue<A> empty = new ArrayBlockingQueue<>(BLOCKS + 1);
  private final Thread thread;
  private Block<A> current;

  /// @param name of the thread
  BlocksAhead(String name, Supplier<A> block, Source<A> source) {
    this.source = source;
    for (int i = 0; i < BLOCKS; i++) {
      empty.add(block.get());
    }
    // Nothing is read of the first block; it goes around with the others.
    this.current = new Block<>(block.get(), 1, Optional.empty());
    this.thread = Thread.ofPlatform().daemon().name(name).start(this::fill);
  }

  private void fill() {
    try {
      Block<A> block;
      do {
        A elements = empty.take();
        try {
          block = new Block<>(elements, source.fill(elements), Optional.empty());
        } catch (IOException e) {
          block = new Block<>(elements, -1, Optional.of(e));
        }
        filled.put(block);
      } while (!block.isLast());
    } catch (InterruptedException e) {
      // Closed before the end: no consumer waits.
      return;
    }
  }

  /// The elements of the block that is being consumed.
  A elements() {
    return current.elements();
  }

  /// Takes the next block.
  ///
  /// @return how many elements it has, or -1 at the end
  /// @throws IOException when the source could not be read
  int next() throws IOException {
    if (!current.isLast()) {
      try {
        empty.put(current.elements());
        current = filled.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while reading");
      }
    }
    Optional<IOException> failure = current.failure();
    if (failure.isPresent()) {
      throw failure.get();
    }
    return current.isLast() ? -1 : current.length();
  }

  /// Ends the thread, wherever it is.
  void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
