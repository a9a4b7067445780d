package org.embedllm.source.file;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;

/// A text whose beginning can be looked at before it is read. What follows the beginning passes
/// without another copy.
final class PeekedText extends FilterReader {
  private final char[] start;
  private int at;
  private int end;

  /// @param length characters of the beginning
  PeekedText(Reader in, int length) throws IOException {
    super(in);
    start = new char[length];
    for (int got = 0; got >= 0 && end < length; end += Math.max(got, 0)) {
      got = in.read(start, end, length - end);
    }
  }

  /// The beginning, as far as it was not read.
  String start() {
    return new String(start, at, end - at);
  }

  /// Leaves out the first line; it ends within the beginning.
  void skipLine() {
    while (at < end && start[at] != '\n') {
      at++;
    }
    at = Math.min(end, at + 1);
  }

  @Override
  public int read() throws IOException {
    return at < end ? start[at++] : super.read();
  }

  @Override
  public int read(char[] into, int offset, int length) throws IOException {
    if (at == end) {
      return super.read(into, offset, length);
    }
    int got = Math.min(length, end - at);
    System.arraycopy(start, at, into, offset, got);
    at += got;
    return got;
  }

  @Override
  public boolean ready() throws IOException {
    return at < end || super.ready();
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
