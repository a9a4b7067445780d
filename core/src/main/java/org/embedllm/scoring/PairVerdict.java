package org.embedllm.scoring;

/// What a judge says of two answers, asked in both orders.
///
/// @param share 1 where the first answer is better, 0 where the other is, 0.5 where neither is
/// @param consistent whether both orders gave the same verdict
public record PairVerdict(double share, boolean consistent) {
  /// @param forth the verdict of one order
  /// @param back that of the other order, about the same answer
  static PairVerdict of(double forth, double back) {
    boolean same = forth == back;
    return new PairVerdict(same ? forth : 0.5, same);
  }
}
