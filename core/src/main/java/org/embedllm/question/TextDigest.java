package org.embedllm.question;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.embedllm.storage.Sha256;

/// SHA-256 that identifies a text in a store.
///
/// @param a first 8 bytes, big-endian
/// @param b next 8 bytes
/// @param c next 8 bytes
/// @param d last 8 bytes
record TextDigest(long a, long b, long c, long d) {
  static final int BYTES = 32;

  static TextDigest of(String text) {
    byte[] hash = Sha256.newDigest().digest(text.getBytes(StandardCharsets.UTF_8));
    return read(ByteBuffer.wrap(hash));
  }

  static TextDigest read(ByteBuffer from) {
    return new TextDigest(from.getLong(), from.getLong(), from.getLong(), from.getLong());
  }

  void write(ByteBuffer into) {
    into.putLong(a).putLong(b).putLong(c).putLong(d);
  }

  String hex() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    write(bytes);
    return Sha256.hex(bytes.array());
  }
}
