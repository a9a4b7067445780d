package org.embedllm.gateway.openai;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/// Ids of answers and their parts.
public final class Ids {
  private Ids() {}

  /// @param prefix such as `msg_`
  public static String fresh(String prefix) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return prefix + hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }
}
