package org.embedllm.gateway.server;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// The head of a request of HTTP 1.0, as one of HTTP 1.1 that says the same: nginx speaks 1.0 to
/// its upstreams unless told otherwise, and so do several health checkers. The connection is always
/// closed after the answer, also where the client would keep it: HTTP 1.0 has no other way to tell
/// that the server will not.
final class RequestHead {
  private static final byte[] OLD = " HTTP/1.0".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final Pattern CONNECTION =
      Pattern.compile("\r\n(connection|keep-alive):[^\r\n]*", Pattern.CASE_INSENSITIVE);

  private RequestHead() {}

  /// Whether the first line is whole and of HTTP 1.0; empty where more bytes are needed to tell.
  static Optional<Boolean> isOld(byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        int end = i > 0 && bytes[i - 1] == '\r' ? i - 1 : i;
        int from = end - OLD.length;
        return Optional.of(from > 0 && Arrays.equals(bytes, from, end, OLD, 0, OLD.length));
      }
    }
    return Optional.empty();
  }

  static boolean isWhole(byte[] bytes) {
    return endOf(bytes) >= 0;
  }

  private static int endOf(byte[] bytes) {
    for (int i = 0; i <= bytes.length - END.length; i++) {
      if (Arrays.equals(bytes, i, i + END.length, END, 0, END.length)) {
        return i;
      }
    }
    return -1;
  }

  /// @param bytes with the whole head of a request of HTTP 1.0, and perhaps more
  static byte[] modern(byte[] bytes) {
    int end = endOf(bytes);
    String head = new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
    int line = head.indexOf("\r\n");
    String first = line < 0 ? head : head.substring(0, line);
    String rest = line < 0 ? "" : head.substring(line);
    var modern = new StringBuilder(first.substring(0, first.length() - OLD.length));
    modern.append(" HTTP/1.1").append(CONNECTION.matcher(rest).replaceAll(""));
    if (!rest.toLowerCase(Locale.ROOT).contains("\r\nhost:")) {
      modern.append("\r\nHost: localhost");
    }
    modern.append("\r\nConnection: close");
    byte[] start = modern.toString().getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = Arrays.copyOf(start, start.length + bytes.length - end);
    System.arraycopy(bytes, end, all, start.length, bytes.length - end);
    return all;
  }
}
