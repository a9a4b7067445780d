package org.embedllm.gateway.access;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.embedllm.gateway.config.KeyConfig;
import org.embedllm.gateway.openai.ApiException;

/// What each key has spent in its current window.
public final class Ledger {
  private final Clock clock;
  private final Past past;
  private final Map<String, Account> accounts = new ConcurrentHashMap<>();

  /// What was spent before this process began.
  @FunctionalInterface
  public interface Past {
    /// USD a key has spent since a moment.
    double spent(String key, Instant since);
  }

  private record Account(Instant windowStart, double spent) {}

  public Ledger(Clock clock, Past past) {
    this.clock = clock;
    this.past = past;
  }

  /// @throws ApiException 429 where the caller's budget is used up
  public void admit(Caller caller) {
    if (caller.key().isEmpty() || caller.key().get().budget().isEmpty()) {
      return;
    }
    KeyConfig key = caller.key().get();
    KeyConfig.Budget budget = key.budget().get();
    Account account = account(key.name(), budget.per());
    if (account.spent() >= budget.usd()) {
      Instant next = account.windowStart().plus(budget.per());
      throw ApiException.tooMany(
          "insufficient_quota",
          "this key's budget of $%s is used up until %s".formatted(budget.usd(), next),
          Duration.between(clock.instant(), next));
    }
  }

  /// Notes what a call has cost.
  public void charge(Caller caller, double usd) {
    if (!(usd > 0) || caller.key().isEmpty() || caller.key().get().budget().isEmpty()) {
      return;
    }
    KeyConfig key = caller.key().get();
    Duration per = key.budget().get().per();
    account(key.name(), per);
    accounts.computeIfPresent(
        key.name(), (name, a) -> new Account(a.windowStart(), a.spent() + usd));
  }

  private Account account(String name, Duration per) {
    Instant start = windowStart(clock.instant(), per);
    return accounts.compute(
        name,
        (key, old) ->
            old != null && old.windowStart().equals(start)
                ? old
                : new Account(start, past.spent(name, start)));
  }

  /// Windows are multiples of their length since 1970 in UTC, so that a day is a calendar day.
  static Instant windowStart(Instant now, Duration per) {
    long length = Math.max(1, per.toMillis());
    return Instant.ofEpochMilli(Math.floorDiv(now.toEpochMilli(), length) * length);
  }
}
