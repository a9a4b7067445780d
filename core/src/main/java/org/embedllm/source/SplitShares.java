package org.embedllm.source;

import org.embedllm.storage.BadInputException;

/// How large the parts of a split are.
///
/// @param train fraction of the questions, in (0, 1]
/// @param validation fraction of the questions; the rest is test
public record SplitShares(double train, double validation) {
  /// 80 / 10 / 10.
  public static final SplitShares DEFAULT = new SplitShares(0.8, 0.1);

  public SplitShares {
    if (!(train > 0 && validation >= 0 && train + validation <= 1 + 1e-9)) {
      throw new IllegalArgumentException(
          "train must be positive and train + validation at most 1; got %s and %s"
              .formatted(train, validation));
    }
  }

  /// Shares written as three numbers with slashes: `80/10/10`, `0.8/0.1/0.1`, `8/1/1`.
  ///
  /// @throws BadInputException when the text is something else
  public static SplitShares parse(String text) {
    String[] parts = text.split("/", -1);
    double[] shares = new double[3];
    double sum = 0;
    try {
      for (int i = 0; i < 3; i++) {
        shares[i] = Double.parseDouble(parts[i].strip());
        sum += shares[i];
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      sum = Double.NaN;
    }
    boolean sound = parts.length == 3 && shares[0] > 0 && shares[1] >= 0 && shares[2] >= 0;
    if (!sound || !(sum > 0 && sum < Double.POSITIVE_INFINITY)) {
      throw BadInputException.of(
          "a split is three numbers train/val/test such as 80/10/10, train above 0; got \""
              + text
              + "\"");
    }
    return new SplitShares(shares[0] / sum, shares[1] / sum);
  }
}
