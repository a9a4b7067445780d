package org.embedllm.gateway.access;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import org.embedllm.gateway.access.SharedUsage.Demand;
import org.embedllm.gateway.access.SharedUsage.Outcome;
import org.embedllm.gateway.access.SharedUsage.Quantity;
import org.embedllm.gateway.access.SharedUsage.Unavailable;
import org.embedllm.gateway.access.SharedUsage.Window;
import org.embedllm.gateway.config.KeyConfig;
import org.embedllm.gateway.openai.ApiException;

/// Rates and budgets of keys: reserved before a call, settled after it. Safe for several threads;
/// it outlives reloads of the configuration.
///
/// Gateways on one PostgreSQL count together. Where what was spent cannot be read, a key goes on
/// from what this process knows, up to a tenth of its budget, until it can be read.
public final class Ledger implements AutoCloseable {
  /// Part of a budget that may be spent while the past is unknown.
  private static final double UNKNOWN_PART = 0.1;

  private static final Duration READ_AGAIN = Duration.ofSeconds(5);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Clock clock;
  private final Past past;
  private final Optional<Settlement> shared;
  private final Map<String, Account> accounts = new ConcurrentHashMap<>();
  private final Map<String, RateLimit> rates = new ConcurrentHashMap<>();

  /// What was spent before this process began.
  @FunctionalInterface
  public interface Past {
    /// USD a key has spent since a moment; empty where that cannot be read just now.
    OptionalDouble spent(String key, Instant since);
  }

  /// @param before spent before this process began to count; empty where unknown
  /// @param own spent and reserved by this process since
  /// @param read when the past was last looked at
  private record Account(Instant windowStart, OptionalDouble before, double own, Instant read) {
    Account plus(double usd) {
      return new Account(windowStart, before, own + usd, read);
    }

    /// A change of what all gateways know.
    Account plusKnown(double usd) {
      return before.isEmpty()
          ? this
          : new Account(windowStart, OptionalDouble.of(before.getAsDouble() + usd), own, read);
    }
  }

  /// @param shared counts of all gateways together; empty where this one is alone
  public Ledger(Clock clock, Past past, Optional<SharedUsage> shared) {
    this.clock = clock;
    this.past = past;
    this.shared = shared.map(Settlement::new);
  }

  /// Counts a request against the client's rate.
  ///
  /// @throws ApiException 429 where it is used up
  public void admit(Client client) {
    client
        .key()
        .flatMap(key -> rate(key, Quantity.REQUESTS, key.requestsPerMinute()))
        .filter(rate -> !rate.tryTake(1))
        .ifPresent(rate -> {
          throw ApiException.tooMany(
              "rate_limit_exceeded", "this key's rate is used up", rate.timeUntil(1));
        });
  }

  private Optional<RateLimit> rate(KeyConfig key, Quantity quantity, OptionalDouble limit) {
    if (limit.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        rates.compute(
            key.name() + "\0" + quantity,
            (name, old) ->
                old == null
                    ? new RateLimit(limit.getAsDouble())
                    : old.changedTo(limit.getAsDouble())));
  }

  /// What a call was allowed to take, until it is known what it took.
  public final class Reservation {
    private final List<Demand> taken;
    private final boolean together;
    private boolean settled;

    private Reservation(List<Demand> taken, boolean together) {
      this.taken = List.copyOf(taken);
      this.together = together;
    }

    /// The call has ended; later calls of this do nothing.
    ///
    /// @param usd what it cost; NaN where that is not known
    /// @param tokens of its prompt and answer
    public void settle(double usd, long tokens) {
      if (settled) {
        return;
      }
      settled = true;
      for (Demand demand : taken) {
        double used =
            switch (demand.window().quantity()) {
              case USD -> usd > 0 ? usd : 0;
              case TOKENS -> (double) tokens;
              case REQUESTS -> demand.amount();
            };
        settleOne(demand, used);
      }
    }

    private void settleOne(Demand demand, double used) {
      double change = used - demand.amount();
      Window window = demand.window();
      if (window.quantity() == Quantity.USD) {
        accounts.computeIfPresent(
            window.client(),
            (name, a) ->
                !a.windowStart().equals(window.start())
                    ? a
                    : together ? a.plusKnown(change) : a.plus(change));
      } else if (window.quantity() == Quantity.TOKENS) {
        Optional.ofNullable(rates.get(window.client() + "\0" + Quantity.TOKENS))
            .ifPresent(rate -> rate.settle(change));
      }
      shared.ifPresent(s -> s.later(window, together ? change : used));
    }
  }

  /// Takes what a call will probably need.
  ///
  /// @param usd expected cost; NaN where no price is known
  /// @param tokens expected of prompt and answer
  /// @throws ApiException 429 where the client's rate or budget is used up, 503 where what it has
  ///   spent cannot be read and it has used what it may until then
  public Reservation reserve(Client client, double usd, double tokens) {
    List<Demand> demands = new ArrayList<>();
    if (client.key().isEmpty()) {
      return new Reservation(demands, false);
    }
    KeyConfig key = client.key().get();
    Instant now = clock.instant();
    key.budget()
        .ifPresent(b ->
            demands.add(
                new Demand(
                    new Window(key.name(), Quantity.USD, windowStart(now, b.per())),
                    usd > 0 ? usd : 0,
                    b.usd())));
    Instant minute = windowStart(now, MINUTE);
    key.requestsPerMinute()
        .ifPresent(limit ->
            demands.add(new Demand(new Window(key.name(), Quantity.REQUESTS, minute), 1, limit)));
    key.tokensPerMinute()
        .ifPresent(limit ->
            demands.add(
                new Demand(new Window(key.name(), Quantity.TOKENS, minute), tokens, limit)));
    rate(key, Quantity.TOKENS, key.tokensPerMinute())
        .filter(rate -> !rate.tryTake(tokens))
        .ifPresent(rate -> {
          throw ApiException.tooMany(
              "rate_limit_exceeded",
              "this key's tokens per minute are used up",
              rate.timeUntil(tokens));
        });
    boolean together = !demands.isEmpty() && reserveTogether(key, demands, tokens);
    if (!together) {
      key.budget().ifPresent(budget -> reserveAlone(key, budget, usd > 0 ? usd : 0));
    }
    return new Reservation(demands, together);
  }

  /// @return whether all gateways know of it
  private boolean reserveTogether(KeyConfig key, List<Demand> demands, double tokens) {
    if (shared.isEmpty()) {
      return false;
    }
    try {
      Outcome outcome = shared.get().reserve(demands);
      if (outcome.refused().isPresent()) {
        rate(key, Quantity.TOKENS, key.tokensPerMinute()).ifPresent(rate -> rate.settle(-tokens));
        throw usedUp(key, outcome.refused().get());
      }
      for (int i = 0; i < demands.size(); i++) {
        Window window = demands.get(i).window();
        if (window.quantity() == Quantity.USD) {
          var known =
              new Account(
                  window.start(), OptionalDouble.of(outcome.used().get(i)), 0, clock.instant());
          accounts.put(window.client(), known);
        }
      }
      return true;
    } catch (Unavailable e) {
      return false;
    }
  }

  private ApiException usedUp(KeyConfig key, Window window) {
    if (window.quantity() != Quantity.USD) {
      Duration left = Duration.between(clock.instant(), window.start().plus(MINUTE));
      return ApiException.tooMany("rate_limit_exceeded", "this key's rate is used up", left);
    }
    KeyConfig.Budget budget = key.budget().orElseThrow();
    Instant next = window.start().plus(budget.per());
    return ApiException.tooMany(
        "insufficient_quota",
        "this key's budget of $%s is used up until %s".formatted(budget.usd(), next),
        Duration.between(clock.instant(), next));
  }

  private void reserveAlone(KeyConfig key, KeyConfig.Budget budget, double usd) {
    Account account = account(key.name(), budget.per());
    boolean unknown = account.before().isEmpty() || shared.isPresent();
    if (account.before().orElse(0) + account.own() >= budget.usd()) {
      throw usedUp(key, new Window(key.name(), Quantity.USD, account.windowStart()));
    }
    if (unknown && account.own() >= UNKNOWN_PART * budget.usd()) {
      throw ApiException.of(
          503,
          "server_error",
          "store_unavailable",
          "what this key has spent cannot be read just now; try again soon");
    }
    accounts.computeIfPresent(key.name(), (name, a) -> a.plus(usd));
  }

  private Account account(String name, Duration per) {
    Instant now = clock.instant();
    Instant start = windowStart(now, per);
    Account known = accounts.get(name);
    if (known != null && known.windowStart().equals(start)) {
      boolean again =
          known.before().isEmpty()
              && shared.isEmpty()
              && now.isAfter(known.read().plus(READ_AGAIN));
      return again ? readAgain(name, known, now) : known;
    }
    OptionalDouble before = shared.isEmpty() ? past.spent(name, start) : OptionalDouble.empty();
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
                before.isPresent() || old == null ? 0 : old.own(),
                now));
  }

  /// Windows are multiples of their length since 1970 in UTC, so that a day is a calendar day.
  static Instant windowStart(Instant now, Duration per) {
    long length = Math.max(1, per.toMillis());
    return Instant.ofEpochMilli(Math.floorDiv(now.toEpochMilli(), length) * length);
  }

  /// Tells the other gateways what is not told yet.
  @Override
  public void close() {
    shared.ifPresent(Settlement::close);
  }
}
