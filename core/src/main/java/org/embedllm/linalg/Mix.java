package org.embedllm.linalg;

/// Keys for random values that are drawn by index instead of in sequence.
public final class Mix {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Mix() {}

  /// A key that depends on all bits of both arguments (the finalizer of SplitMix64; Steele, Lea and
  /// Flood, 2014).
  public static long key(long seed, long part) {
    long z = seed * GOLDEN + part + GOLDEN;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
