package org.embedllm.gateway.api;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.embedllm.gateway.access.KeyRing;
import org.embedllm.gateway.access.Ledger;
import org.embedllm.gateway.cache.ResponseCache;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.config.KeyConfig;
import org.embedllm.gateway.config.ListenConfig;
import org.embedllm.gateway.config.UpstreamConfig;
import org.embedllm.gateway.decide.Conversations;
import org.embedllm.gateway.decide.Decider;
import org.embedllm.gateway.decide.PromptForecaster;
import org.embedllm.gateway.decide.Upstreams;
import org.embedllm.gateway.pacing.BudgetPacing;
import org.embedllm.gateway.rollout.Rollout;
import org.embedllm.gateway.rollout.RolloutState;
import org.embedllm.gateway.store.DecisionStore;
import org.embedllm.gateway.upstream.Upstream;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.RefCounted;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What requests work with at the moment, and how it is replaced: by a changed configuration,
/// another trained model, or keys that were changed in the store. Requests under way end with the
/// snapshot they began with. Safe for several threads.
final class Snapshots implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

  private final AtomicReference<RefCounted<GatewaySnapshot>> live = new AtomicReference<>();
  private final AtomicReference<RefCounted<PromptForecaster>> forecaster = new AtomicReference<>();
  private final DecisionStore store;
  private final Ledger ledger;
  private final Clock clock;
  private final GatewayConfig started;
  private volatile List<KeyConfig> stored;

  /// @param config content of the file
  /// @param forecaster the trained model; closed by this
  /// @param store of keys and of what they have spent
  /// @param clock the time of day
  /// @throws BadInputException where it would listen beyond this machine without keys, or where
  ///   nobody knows whether there are keys
  Snapshots(GatewayConfig config, PromptForecaster forecaster, DecisionStore store, Clock clock) {
    this.clock = clock;
    this.store = store;
    this.started = config;
    if (!store.working() && config.keys().isEmpty()) {
      throw BadInputException.of(
          "store.url: the database does not answer, and keys may be in it: start it, or name keys"
              + " in the configuration");
    }
    this.stored = storedKeys(store, List.of());
    requireSafe(config.listen(), config.withKeys(stored));
    this.forecaster.set(new RefCounted<>(forecaster, forecaster::close));
    this.ledger = new Ledger(clock, store::spent, store.usage());
    this.live.set(live(config));
  }

  /// To be held while it is used.
  RefCounted<GatewaySnapshot> current() {
    return live.get();
  }

  /// @param known what is known where the database does not answer
  private static List<KeyConfig> storedKeys(DecisionStore store, List<KeyConfig> known) {
    try {
      return store.keys().all().stream().flatMap(key -> key.keys().stream()).toList();
    } catch (DecisionStore.StoreUnavailable e) {
      return known;
    } catch (BadInputException e) {
      LOG.error("the store has a key that cannot be read: {}", e.getMessage());
      return known;
    }
  }

  /// Takes over keys that were changed in the store, by this gateway or another program.
  synchronized void refreshKeys() {
    List<KeyConfig> now = storedKeys(store, stored);
    if (!now.equals(stored)) {
      stored = now;
      live.getAndSet(live(live.get().value().file())).release();
    }
  }

  /// @param listen its address, also after a reload
  private static void requireSafe(ListenConfig listen, GatewayConfig config) {
    if (!listen.loopback() && config.keys().isEmpty() && !config.listen().withoutKeys()) {
      throw BadInputException.of(
          ("listen %s: others could reach this gateway, and no keys are configured. Make one with"
                  + " \"embedllm serve --new-key NAME\", or set listenWithoutKeys: true")
              .formatted(listen.host()));
    }
  }

  private RefCounted<GatewaySnapshot> live(GatewayConfig config) {
    RefCounted<PromptForecaster> knows = forecaster.get();
    if (!knows.hold()) {
      throw new IllegalStateException("the gateway is closed");
    }
    List<Upstream> servers = new ArrayList<>();
    for (UpstreamConfig upstream : config.upstreams()) {
      servers.add(kept(upstream).orElseGet(() -> new Upstream(upstream)));
    }
    var upstreams = new Upstreams(servers);
    Conversations conversations =
        Optional.ofNullable(live.get())
            .map(RefCounted::value)
            .filter(old -> old.config().conversations().equals(config.conversations()))
            .map(GatewaySnapshot::conversations)
            .orElseGet(() -> new Conversations(config.conversations(), Ticker.systemTicker()));
    GatewayConfig all = config.withKeys(stored);
    var keys = new KeyRing(all.keys(), clock);
    RolloutState rolloutState =
        Optional.ofNullable(live.get())
            .map(RefCounted::value)
            .filter(old -> old.config().rollout().equals(config.rollout()))
            .map(GatewaySnapshot::rolloutState)
            .orElseGet(() -> new RolloutState(clock));
    var rollout =
        new Rollout(
            config.rollout(),
            knows.value().bestSingle(upstreams.models()),
            rolloutState,
            () -> ThreadLocalRandom.current().nextDouble());
    Optional<BudgetPacing> pacing = pacing(config);
    var decider =
        new Decider(
            config, upstreams, knows.value(), conversations, pacing, rollout, () -> freshId(clock));
    return new RefCounted<>(
        new GatewaySnapshot(
            config,
            all,
            keys,
            ledger,
            cache(config),
            upstreams,
            knows.value(),
            decider,
            conversations,
            rolloutState,
            pacing),
        knows::release);
  }

  /// What is known of today's spending stays when the ceiling changes.
  private Optional<BudgetPacing> pacing(GatewayConfig config) {
    if (config.pacing() == Double.POSITIVE_INFINITY) {
      return Optional.empty();
    }
    return Optional.ofNullable(live.get())
        .flatMap(old -> old.value().pacing())
        .or(() -> Optional.of(new BudgetPacing(clock, store.lastWeek())));
  }

  /// A changed configuration begins with an empty cache: other models may answer now.
  private Optional<ResponseCache> cache(GatewayConfig file) {
    return Optional.ofNullable(live.get())
        .map(RefCounted::value)
        .filter(old -> old.file().equals(file))
        .map(GatewaySnapshot::cache)
        .orElseGet(() -> file.cache().map(c -> new ResponseCache(c, Ticker.systemTicker())));
  }

  /// An upstream whose configuration has not changed keeps its places and its circuit breaker.
  private Optional<Upstream> kept(UpstreamConfig config) {
    return Optional.ofNullable(live.get())
        .flatMap(old ->
            old.value().upstreams().all().stream()
                .filter(u -> u.config().equals(config))
                .findAny());
  }

  /// Ids that follow one another in time: rows of a table are then added at the end of its index.
  private static String freshId(Clock clock) {
    var hex = HexFormat.of();
    return "d-"
        + hex.toHexDigits(clock.millis(), 12)
        + hex.toHexDigits(ThreadLocalRandom.current().nextLong(), 12);
  }

  /// Replaces the configuration for requests to come; what it cannot take over is logged.
  synchronized void reload(GatewayConfig config) {
    requireSafe(config.listen(), config.withKeys(stored));
    requireSafe(started.listen(), config.withKeys(stored));
    List<String> fixed = started.fixedDifferences(config);
    if (!fixed.isEmpty()) {
      LOG.warn(
          "changed in the configuration, but not before the next start: "
              + String.join(", ", fixed));
    }
    live.getAndSet(live(config)).release();
  }

  /// Replaces the trained model for requests to come.
  synchronized void reload(PromptForecaster fresh) {
    RefCounted<PromptForecaster> old = forecaster.getAndSet(new RefCounted<>(fresh, fresh::close));
    live.getAndSet(live(live.get().value().file())).release();
    old.release();
  }

  @Override
  public void close() {
    ledger.close();
    live.get().release();
    forecaster.get().release();
  }
}
