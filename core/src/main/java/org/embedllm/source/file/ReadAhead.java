package org.embedllm.source.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// A stream that another thread reads ahead of its consumer, a few blocks at most, so that reading
/// and digesting a long file does not delay parsing it.
final class ReadAhead extends InputStream {
  private static final int BLOCK_BYTES = 1 << 18;
  private static final int BLOCKS = 6;

  /// An item from the reading thread: bytes, the end, or its error.
  @SuppressWarnings("ArrayRecordComponent") // Handed over once, from one thread to the other.
  private record Block(byte[] bytes, int length, Optional<IOException> failure) {
    boolean isLast() {
      return length < 0 || failure.isPresent();
    }
  }

  private final InputStream source;
  private final BlockingQueue<Block> filled = new ArrayBlockingQueue<>(BLOCKS);
  private final BlockingQueue<byte[]> empty = new ArrayBlockingQueue<>(BLOCKS);
  private final Thread thread;
  private Block current = new Block(new byte[0], 0, Optional.empty());
  private int at;

  ReadAhead(InputStream source) {
    this.source = source;
    for (int i = 0; i < BLOCKS; i++) {
      empty.add(new byte[BLOCK_BYTES]);
    }
    this.thread = Thread.ofPlatform().daemon().name("read-ahead").start(this::fill);
  }

  private void fill() {
    try {
      Block block;
      do {
        byte[] bytes = empty.take();
        try {
          block = new Block(bytes, source.readNBytes(bytes, 0, bytes.length), Optional.empty());
          if (block.length() == 0) {
            block = new Block(bytes, -1, Optional.empty());
          }
        } catch (IOException e) {
          block = new Block(bytes, -1, Optional.of(e));
        }
        filled.put(block);
      } while (!block.isLast());
    } catch (InterruptedException e) {
      // Closed before the end: no consumer waits.
      return;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (at >= current.length() && !next()) {
      return -1;
    }
    int got = Math.min(length, current.length() - at);
    System.arraycopy(current.bytes(), at, into, offset, got);
    at += got;
    return got;
  }

  private boolean next() throws IOException {
    if (!current.isLast()) {
      try {
        if (current.bytes().length > 0) {
          empty.put(current.bytes());
        }
        current = filled.take();
        at = 0;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while reading");
      }
    }
    Optional<IOException> failure = current.failure();
    if (failure.isPresent()) {
      throw failure.get();
    }
    return !current.isLast();
  }

  @Override
  public void close() throws IOException {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    source.close();
  }
}
