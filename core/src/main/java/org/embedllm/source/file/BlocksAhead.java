package org.embedllm.source.file;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// Blocks of bytes that another thread fills ahead of their consumer, a few at most.
final class BlocksAhead {
  private static final int BLOCKS = 6;

  /// Fills a block.
  @FunctionalInterface
  interface Source {
    /// @return how many elements were filled in; 0 or less at the end
    int fill(byte[] block) throws IOException;
  }

  /// An item from the filling thread: elements, the end, or its error.
  private static final class Block {
    final byte[] elements;
    final int length;
    final Optional<IOException> failure;

    Block(byte[] elements, int length, Optional<IOException> failure) {
      this.elements = elements;
      this.length = length;
      this.failure = failure;
    }

    boolean isLast() {
      return length <= 0 || failure.isPresent();
    }
  }

  private final Source source;
  private final BlockingQueue<Block> filled = new ArrayBlockingQueue<>(BLOCKS);
  private final BlockingQueue<byte[]> empty = new ArrayBlockingQueue<>(BLOCKS + 1);
  private final Thread thread;
  private Block current;

  /// @param name of the thread
  /// @param blockBytes length of a block
  BlocksAhead(String name, int blockBytes, Source source) {
    this.source = source;
    for (int i = 0; i < BLOCKS; i++) {
      empty.add(new byte[blockBytes]);
    }
    // Nothing is read of the first block; it goes around with the others.
    this.current = new Block(new byte[blockBytes], 1, Optional.empty());
    this.thread = Thread.ofPlatform().daemon().name(name).start(this::fill);
  }

  private void fill() {
    try {
      Block block;
      do {
        byte[] elements = empty.take();
        try {
          block = new Block(elements, source.fill(elements), Optional.empty());
        } catch (IOException e) {
          block = new Block(elements, -1, Optional.of(e));
        }
        filled.put(block);
      } while (!block.isLast());
    } catch (InterruptedException e) {
      // Closed before the end: no consumer waits.
      return;
    }
  }

  /// The elements of the block that is being consumed.
  byte[] elements() {
    return current.elements;
  }

  /// Takes the next block.
  ///
  /// @return how many elements it has, or -1 at the end
  /// @throws IOException when the source could not be read
  int next() throws IOException {
    if (!current.isLast()) {
      try {
        empty.put(current.elements);
        current = filled.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while reading");
      }
    }
    Optional<IOException> failure = current.failure;
    if (failure.isPresent()) {
      throw failure.get();
    }
    return current.isLast() ? -1 : current.length;
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
