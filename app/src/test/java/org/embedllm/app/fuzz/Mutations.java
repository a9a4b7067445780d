package org.embedllm.app.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Random faults in bytes: flipped bits, cuts, copies, noise, and words that formats trip over.
final class Mutations {
  private static final int MOST = 3; // faults of one input
  private static final List<String> TOKENS =
      List.of("\"", ",", "{", "}", "[", "NaN", "-1", "1e999", "\r", "\n\n", "\0", "é", "null");

  private Mutations() {}

  /// The bytes with one to three faults.
  static byte[] of(byte[] bytes, SplittableRandom random) {
    byte[] mutated = bytes;
    for (int faults = 1 + random.nextInt(MOST); faults > 0 && mutated.length > 0; faults--) {
      mutated = one(mutated, random);
    }
    return mutated;
  }

  private static byte[] one(byte[] bytes, SplittableRandom random) {
    int at = random.nextInt(bytes.length);
    int length = 1 + random.nextInt(Math.min(16, bytes.length - at));
    return switch (random.nextInt(6)) {
      case 0 -> {
        byte[] flipped = bytes.clone();
        flipped[at] ^= (byte) (1 << random.nextInt(8));
        yield flipped;
      }
      case 1 -> Arrays.copyOf(bytes, at);
      case 2 -> joined(bytes, at, new byte[0], at + length);
      case 3 -> joined(bytes, at, Arrays.copyOfRange(bytes, at, at + length), at);
      case 4 -> {
        byte[] more = new byte[length];
        random.nextBytes(more);
        yield joined(bytes, at, more, at);
      }
      default ->
          joined(
              bytes,
              at,
              TOKENS.get(random.nextInt(TOKENS.size())).getBytes(StandardCharsets.UTF_8),
              at + random.nextInt(2));
    };
  }

  /// The bytes before one place, others, and the bytes from another place on.
  private static byte[] joined(byte[] bytes, int before, byte[] middle, int from) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, before);
    out.writeBytes(middle);
    out.write(bytes, from, bytes.length - from);
    return out.toByteArray();
  }
}
