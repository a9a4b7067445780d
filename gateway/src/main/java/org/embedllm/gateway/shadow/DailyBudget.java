package org.embedllm.gateway.shadow;

import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;

/// USD that may be spent a day, in UTC. Safe for several threads.
final class DailyBudget {
  private final Clock clock;
  private LocalDate day;
  private double spent;
  private double reserved;

  /// @param spent today already
  DailyBudget(Clock clock, double spent) {
    this.clock = clock;
    this.day = today();
    this.spent = spent;
  }

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }

  /// @return whether a call of this expected cost is within the budget; then [#pay] must follow
  synchronized boolean reserve(double expected, double budget) {
    if (!today().equals(day)) {
      day = today();
      spent = 0;
    }
    if (spent + reserved + expected > budget) {
      return false;
    }
    reserved += expected;
    return true;
  }

  synchronized void pay(double expected, double usd) {
    reserved -= expected;
    spent += usd;
  }

  synchronized double spentToday() {
    return today().equals(day) ? spent : 0;
  }
}
