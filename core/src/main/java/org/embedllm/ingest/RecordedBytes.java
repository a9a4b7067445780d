package org.embedllm.ingest;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// The bytes of a recording, in pieces: an array of megabytes for each source makes a collector
/// that divides the heap into regions (G1) mark the whole heap again and again. Immutable.
public final class RecordedBytes implements Serializable {
  private static final long serialVersionUID = 1;
  private static final int PIECE = 1 << 18; // bytes

  private final List<byte[]> pieces; // all but the last have PIECE bytes

  private RecordedBytes(List<byte[]> pieces) {
    this.pieces = pieces;
  }

  InputStream open() {
    return new Reader(pieces);
  }

  /// Collects bytes. Not safe for use by several threads.
  static final class Writer extends OutputStream {
    private final List<byte[]> full = new ArrayList<>();
    private byte[] piece = new byte[PIECE];
    private int size;

    @Override
    public void write(int value) {
      if (size == PIECE) {
        next();
      }
      piece[size++] = (byte) value;
    }

    @Override
    public void write(byte[] values, int from, int count) {
      Objects.checkFromIndexSize(from, count, values.length);
      for (int done = 0; done < count; ) {
        if (size == PIECE) {
          next();
        }
        int some = Math.min(PIECE - size, count - done);
        System.arraycopy(values, from + done, piece, size, some);
        size += some;
        done += some;
      }
    }

    private void next() {
      full.add(piece);
      piece = new byte[PIECE];
      size = 0;
    }

    RecordedBytes finish() {
      full.add(Arrays.copyOf(piece, size));
      return new RecordedBytes(new ArrayList<>(full));
    }
  }

  private static final class Reader extends InputStream {
    private final List<byte[]> pieces;
    private int piece;
    private int at;

    Reader(List<byte[]> pieces) {
      this.pieces = pieces;
    }

    /// Whether there is a byte; then it is at `at` of `piece`.
    private boolean more() {
      while (piece < pieces.size() && at == pieces.get(piece).length) {
        piece++;
        at = 0;
      }
      return piece < pieces.size();
    }

    @Override
    public int read() {
      return more() ? pieces.get(piece)[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int from, int count) {
      Objects.checkFromIndexSize(from, count, into.length);
      if (count == 0) {
        return 0;
      }
      if (!more()) {
        return -1;
      }
      byte[] values = pieces.get(piece);
      int some = Math.min(count, values.length - at);
      System.arraycopy(values, at, into, from, some);
      at += some;
      return some;
    }
  }
}
