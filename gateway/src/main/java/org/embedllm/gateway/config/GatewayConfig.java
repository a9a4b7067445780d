package org.embedllm.gateway.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.routing.RoutingPolicy;

/// The content of `gateway.yaml`.
///
/// @param listen where it listens
/// @param upstreams the servers behind it
/// @param keys allowed keys; empty for open access
/// @param policy of the model name `auto`
/// @param pacing USD a day that all answers may cost; infinite without a ceiling
/// @param maxSeconds that a call may be expected to last where a policy chooses; infinite without a
///   limit
/// @param learn whether feedback moves the models' vectors
/// @param text what is routed on
/// @param conversations when a conversation changes its model
/// @param limits sizes, times and numbers that requests must keep to
/// @param store where decisions and feedback are kept
/// @param observe logs, metrics and traces
/// @param page the web page at `/`
/// @param cors web pages of other origins that may use it
/// @param rollout which decisions reach clients
/// @param shadow what other models answer too
/// @param alias further names of models and policies
/// @param modelGroups models by the name of their group
/// @param cache which answers are kept; empty for none
/// @param warnings recommended changes of the file, each with its line
public record GatewayConfig(
    ListenConfig listen,
    List<UpstreamConfig> upstreams,
    List<KeyConfig> keys,
    RoutingPolicy policy,
    double pacing,
    double maxSeconds,
    boolean learn,
    TextRule text,
    ConversationRule conversations,
    Limits limits,
    StoreConfig store,
    ObserveConfig observe,
    PageConfig page,
    CorsConfig cors,
    RolloutConfig rollout,
    ShadowConfig shadow,
    Map<String, String> alias,
    Map<String, List<String>> modelGroups,
    Optional<CacheConfig> cache,
    List<String> warnings) {
  public GatewayConfig {
    upstreams = List.copyOf(upstreams);
    keys = List.copyOf(keys);
    alias = Map.copyOf(alias);
    modelGroups = Map.copyOf(modelGroups);
    warnings = List.copyOf(warnings);
  }

  GatewayConfig withWarnings(List<String> found) {
    return with(keys, found);
  }

  /// The same, with further keys.
  public GatewayConfig withKeys(List<KeyConfig> more) {
    var all = new ArrayList<>(keys);
    for (KeyConfig key : more) {
      all.add(key.withModels(AccessReader.members(key.models(), modelGroups)));
    }
    return with(all, warnings);
  }

  private GatewayConfig with(List<KeyConfig> allKeys, List<String> allWarnings) {
    return new GatewayConfig(
        listen,
        upstreams,
        allKeys,
        policy,
        pacing,
        maxSeconds,
        learn,
        text,
        conversations,
        limits,
        store,
        observe,
        page,
        cors,
        rollout,
        shadow,
        alias,
        modelGroups,
        cache,
        allWarnings);
  }

  /// What is wrong with a name among the `models` of a key; empty where it is a model, a group, an
  /// alias or a policy.
  public Optional<String> keyModelProblem(String name) {
    return AccessReader.problem(
        name, AccessReader.known(upstreams, alias.keySet(), modelGroups.keySet()));
  }

  /// The groups a model is in, in alphabetical order.
  public List<String> groupsOf(String model) {
    return modelGroups.entrySet().stream()
        .filter(g -> g.getValue().contains(model))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
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
