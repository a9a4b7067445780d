package org.embedllm.source.file;

import java.io.IOException;
import java.io.Reader;

/// A text that another thread decodes ahead of its consumer.
final class DecodeAhead extends Reader {
  private static final int BLOCK_CHARS = 1 << 16;

  private final BlocksAhead<char[]> blocks;
  private int at;
  private int end;

  DecodeAhead(Reader source) {
    this.blocks =
        new BlocksAhead<>(
            "decode-ahead",
            () -> new char[BLOCK_CHARS],
            block -> source.read(block, 0, block.length));
  }

  @Override
  public int read(char[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (at >= end) {
      // Nothing is left when the next block fails.
      at = 0;
      end = 0;
      end = blocks.next();
      if (end < 0) {
        return -1;
      }
    }
    int got = Math.min(length, end - at);
    System.arraycopy(blocks.elements(), at, into, offset, got);
    at += got;
    return got;
  }

  /// Ends the decoding; the source stays open.
  @Override
  public void close() {
    blocks.close();
  }
}
