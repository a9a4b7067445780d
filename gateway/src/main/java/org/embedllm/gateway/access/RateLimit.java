package org.embedllm.gateway.access;

import java.time.Duration;
import java.util.function.LongSupplier;

/// A token bucket: an amount a minute, of which a minute's worth may come at once. What a call
/// turns out to take beyond what was admitted makes later ones wait. Safe for several threads.
public final class RateLimit {
  private static final double NANOS_A_MINUTE = 60e9;

  private final double perMinute;
  private final double most;
  private final LongSupplier nanos;
  private double left;
  private long at;

  public RateLimit(double perMinute) {
    this(perMinute, System::nanoTime);
  }

  /// @param nanos the time, of which differences alone count
  public RateLimit(double perMinute, LongSupplier nanos) {
    this.perMinute = perMinute;
    this.most = Math.max(1, perMinute);
    this.nanos = nanos;
    this.left = most;
    this.at = nanos.getAsLong();
  }

  /// The same bucket where the limit is the same, else another one as full as this.
  synchronized RateLimit changedTo(double limit) {
    if (limit == perMinute) {
      return this;
    }
    refill();
    var changed = new RateLimit(limit, nanos);
    changed.left = Math.min(changed.most, changed.most * left / most);
    return changed;
  }

  /// Takes an amount where there is as much, or a full bucket.
  public synchronized boolean tryTake(double amount) {
    refill();
    if (left < Math.min(amount, most)) {
      return false;
    }
    left -= amount;
    return true;
  }

  /// Takes an amount that was used already; negative gives back.
  public synchronized void settle(double amount) {
    refill();
    left = Math.min(most, left - amount);
  }

  /// How long until an amount can be taken.
  public synchronized Duration timeUntil(double amount) {
    refill();
    double missing = Math.min(amount, most) - left;
    return Duration.ofNanos((long) Math.max(0, missing / perMinute * NANOS_A_MINUTE));
  }

  private void refill() {
    long now = nanos.getAsLong();
    left = Math.min(most, left + (now - at) * perMinute / NANOS_A_MINUTE);
    at = now;
  }
}
