package org.embedllm.gateway.access;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import org.embedllm.gateway.config.KeyConfig;
import org.embedllm.gateway.openai.ApiException;

/// What each key has spent in its current window. Safe for several threads.
///
/// Where what was spent before cannot be read, a key goes on from what this process knows, up to a
/// tenth of its budget, until it can be read.
public final class Ledger {
  /// Part of a budget that may be spent while the past is unknown.
  private static final double UNKNOWN_PART = 0.1;

  private static final Duration READ_AGAIN = Duration.ofSeconds(5);

  private final Clock clock;
  private final Past past;
  private final Map<String, Account> accounts = new ConcurrentHashMap<>();

  /// What was spent before this process began.
  @FunctionalInterface
  public interface Past {
    /// USD a key has spent since a moment; empty where that cannot be read just now.
    OptionalDouble spent(String key, Instant since);
  }

  /// @param before spent before this process began to count; empty where unknown
  /// @param spent counted by this process since
  /// @param read when the past was last looked at
  private record Account(Instant windowStart, OptionalDouble before, double spent, Instant read) {
    Account plus(double usd) {
      return new Account(windowStart, before, spent + usd, read);
    }
  }

  public Ledger(Clock clock, Past past) {
    this.clock = clock;
    this.past = past;
  }

  /// @throws ApiException 429 where the caller's budget is used up, 503 where what it has spent
  ///   cannot be read and it has used what it may until then
  public void admit(Caller caller) {
    if (caller.key().isEmpty() || caller.key().get().budget().isEmpty()) {
      return;
    }
    KeyConfig key = caller.key().get();
    KeyConfig.Budget budget = key.budget().get();
    Account account = account(key.name(), budget.per());
    if (account.before().isEmpty() && account.spent() >= UNKNOWN_PART * budget.usd()) {
      throw ApiException.of(
          503,
          "server_error",
          "store_unavailable",
          "what this key has spent cannot be read just now; try again soon");
    }
    if (account.before().orElse(0) + account.spent() >= budget.usd()) {
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
    account(key.name(), key.budget().get().per());
    accounts.computeIfPresent(key.name(), (name, a) -> a.plus(usd));
  }

  private Account account(String name, Duration per) {
    Instant now = clock.instant();
    Instant start = windowStart(now, per);
    Account known = accounts.get(name);
    if (known != null && known.windowStart().equals(start)) {
      boolean again = known.before().isEmpty() && now.isAfter(known.read().plus(READ_AGAIN));
      return again ? readAgain(name, known, now) : known;
    }
    OptionalDouble before = past.spent(name, start);
    return accounts.compute(
        name,
        (key, old) ->
            old != null && old.windowStart().equals(start)
                ? old
                : new Account(start, before, 0, now));
  }

  /// The store may have written calls of this process meanwhile: they are counted once.
  private Account readAgain(String name, Account known, Instant now) {
    OptionalDouble before = past.spent(name, known.windowStart());
    return accounts.compute(
        name,
        (key, old) ->
            new Account(
                known.windowStart(),
                before,
                before.isPresent() || old == null ? 0 : old.spent(),
                now));
  }

  /// Windows are multiples of their length since 1970 in UTC, so that a day is a calendar day.
  static Instant windowStart(Instant now, Duration per) {
    long length = Math.max(1, per.toMillis());
    return Instant.ofEpochMilli(Math.floorDiv(now.toEpochMilli(), length) * length);
  }
}
