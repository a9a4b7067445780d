package org.embedllm.source.file;

import java.io.IOException;
import java.io.InputStream;

/// A stream that another thread reads ahead of its consumer, so that reading and digesting a long
/// file does not delay parsing it.
final class ReadAhead extends InputStream {
  private static final int BLOCK_BYTES = 1 << 18;

  private final InputStream source;
  private final BlocksAhead blocks;
  private int at;
  private int end;

  ReadAhead(InputStream source) {
    this.source = source;
    this.blocks =
        new BlocksAhead(
            "read-ahead", BLOCK_BYTES, block -> source.readNBytes(block, 0, block.length));
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

  @Override
  public void close() throws IOException {
    blocks.close();
    source.close();
  }
}
