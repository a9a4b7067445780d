package org.embedllm.usage;

import java.util.Arrays;

/// The length at which a model's answers were cut off, told by a pile of answers of exactly the
/// greatest length. An answer of that length is a lower bound of what the model would have written.
final class CutOff {
  private static final int LEAST_PILE = 5;
  private static final double LEAST_TOKENS = 32; // a shorter limit does not cut answers off
  private static final double NEAR = 0.8; // the pile is compared with lengths from here on
  private static final double PILED = 10; // times as many as of each length near it

  private CutOff() {}

  /// @param tokens lengths of one model's answers, in any order
  /// @return the length; infinite where nothing shows that answers were cut off
  static double of(double[] tokens) {
    if (tokens.length == 0) {
      return Double.POSITIVE_INFINITY;
    }
    double longest = Arrays.stream(tokens).max().orElseThrow();
    long pile = Arrays.stream(tokens).filter(t -> t == longest).count();
    long near = Arrays.stream(tokens).filter(t -> t < longest && t >= NEAR * longest).count();
    double perLength = near / ((1 - NEAR) * longest);
    boolean cut =
        longest >= LEAST_TOKENS
            && pile >= LEAST_PILE
            && pile < tokens.length
            && pile >= PILED * perLength;
    return cut ? longest : Double.POSITIVE_INFINITY;
  }
}
