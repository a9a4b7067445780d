package org.embedllm.gateway.api;

import io.helidon.webserver.http.ServerRequest;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.embedllm.gateway.access.Client;
import org.embedllm.gateway.observe.LiveFeed;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.store.DecisionLog;
import org.embedllm.gateway.store.DecisionStore;
import org.embedllm.storage.RefCounted;

/// A running gateway, for pages beside the API.
public final class GatewayView {
  private final Supplier<RefCounted<GatewaySnapshot>> live;
  private final LiveFeed feed;
  private final DecisionStore store;
  private final DoubleSupplier shadowSpend;

  GatewayView(
      Supplier<RefCounted<GatewaySnapshot>> live,
      LiveFeed feed,
      DecisionStore store,
      DoubleSupplier shadowSpend) {
    this.live = live;
    this.feed = feed;
    this.store = store;
    this.shadowSpend = shadowSpend;
  }

  /// Works with the configuration and the model in force; they stay open until the work is done,
  /// whatever is reloaded meanwhile, and are not to be kept.
  public <T> T with(Function<GatewaySnapshot, T> work) {
    RefCounted<GatewaySnapshot> shared = RefCounted.held(live);
    try {
      return work.apply(shared.value());
    } finally {
      shared.release();
    }
  }

  /// Who asks.
  ///
  /// @throws ApiException 401 where a key is needed and the request has none of them; the gateway
  ///   answers it in OpenAI's shape
  public Client authenticate(ServerRequest request) {
    return with(now -> now.keys().authenticate(GatewayServer.authorization(request)));
  }

  /// The latest decisions and comparisons in the store.
  ///
  /// @param most decisions
  /// @throws DecisionStore.StoreUnavailable where the database does not answer
  public DecisionLog.Content traffic(int most) throws DecisionStore.StoreUnavailable {
    return store.traffic(most);
  }

  /// USD that shadow calls and their judge have cost since midnight UTC.
  public double shadowSpentToday() {
    return shadowSpend.getAsDouble();
  }

  /// Decisions as they are made.
  public LiveFeed feed() {
    return feed;
  }
}
