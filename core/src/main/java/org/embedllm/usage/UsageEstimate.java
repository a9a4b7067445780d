package org.embedllm.usage;

/// What one answer is expected to take.
///
/// @param mean expected value, in the unit of the quantity
/// @param low lower end of the 95 % interval of a single answer
/// @param high upper end
public record UsageEstimate(double mean, double low, double high) {
  /// The same with another unit.
  ///
  /// @param factor units of the result in one unit of this, not negative
  /// @param offset added to all three
  public UsageEstimate scaled(double factor, double offset) {
    return new UsageEstimate(factor * mean + offset, factor * low + offset, factor * high + offset);
  }
}
