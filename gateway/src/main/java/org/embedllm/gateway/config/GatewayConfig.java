package org.embedllm.gateway.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.embedllm.routing.RoutingPolicy;

/// The content of `gateway.yaml`.
///
/// @param listen where it listens
/// @param upstreams the servers behind it
/// @param keys allowed keys; empty for open access
/// @param policy of the model name `auto`
/// @param maxSeconds that a call may be expected to last where a policy chooses; infinite without a
///   limit
/// @param learn whether feedback moves the models' vectors
/// @param text what is routed on
/// @param conversations when a conversation changes its model
/// @param limits what may be asked of it
/// @param store what it remembers
/// @param observe what one sees of it
/// @param page the web page at `/`
/// @param cors web pages of other origins that may use it
/// @param alias further names of models and policies
/// @param warnings recommended changes of the file, each with its line
public record GatewayConfig(
    ListenConfig listen,
    List<UpstreamConfig> upstreams,
    List<KeyConfig> keys,
    RoutingPolicy policy,
    double maxSeconds,
    boolean learn,
    TextRule text,
    ConversationRule conversations,
    Limits limits,
    StoreConfig store,
    ObserveConfig observe,
    PageConfig page,
    CorsConfig cors,
    Map<String, String> alias,
    List<String> warnings) {
  public GatewayConfig {
    upstreams = List.copyOf(upstreams);
    keys = List.copyOf(keys);
    alias = Map.copyOf(alias);
    warnings = List.copyOf(warnings);
  }

  GatewayConfig withWarnings(List<String> found) {
    return new GatewayConfig(
        listen,
        upstreams,
        keys,
        policy,
        maxSeconds,
        learn,
        text,
        conversations,
        limits,
        store,
        observe,
        page,
        cors,
        alias,
        found);
  }

  /// What another configuration says differently that only a start takes over: keys of the file.
  public List<String> fixedDifferences(GatewayConfig other) {
    var keys = new ArrayList<String>();
    Limits l = limits;
    Limits o = other.limits;
    ObserveConfig s = observe;
    ObserveConfig t = other.observe;
    note(
        keys,
        "listen",
        listen.host() + ":" + listen.port(),
        other.listen.host() + ":" + other.listen.port());
    note(keys, "tls", listen.tls(), other.listen.tls());
    note(keys, "store", store, other.store);
    note(keys, "page", page, other.page);
    // The server reads as much as it was started for; less is enforced at once.
    note(
        keys,
        "limits.maxRequestBytes",
        l.maxRequestBytes(),
        Math.max(l.maxRequestBytes(), o.maxRequestBytes()));
    note(keys, "limits.maxHeaderBytes", l.maxHeaderBytes(), o.maxHeaderBytes());
    note(keys, "limits.maxConnections", l.maxConnections(), o.maxConnections());
    note(keys, "limits.idleTimeout", l.idleTimeout(), o.idleTimeout());
    note(keys, "limits.gracePeriod", l.gracePeriod(), o.gracePeriod());
    note(keys, "limits.encodeQueue", l.encodeQueue(), o.encodeQueue());
    note(keys, "limits.promptCacheSize", l.promptCacheSize(), o.promptCacheSize());
    note(keys, "observe.log", s.json(), t.json());
    note(keys, "observe.prompts", s.prompts(), t.prompts());
    note(keys, "observe.traces", s.traces(), t.traces());
    note(keys, "observe.sample", s.sample(), t.sample());
    return keys;
  }

  private static void note(List<String> keys, String key, Object here, Object there) {
    if (!here.equals(there)) {
      keys.add(key);
    }
  }
}
