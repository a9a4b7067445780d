package org.embedllm.app.gateway.config;

import java.util.List;
import org.embedllm.routing.RoutingPolicy;

/// Everything that stands in `gateway.yaml`.
///
/// @param listen where it listens
/// @param upstreams the servers behind it
/// @param keys who may use it; empty for everybody who reaches it
/// @param policy what the model name `auto` means
/// @param learn whether feedback moves the models' vectors
/// @param text what is routed on
/// @param conversations when a conversation changes its model
/// @param limits what may be asked of it
/// @param store what it remembers
/// @param observe what one sees of it
/// @param page the web page at `/`
public record GatewayConfig(
    ListenConfig listen,
    List<UpstreamConfig> upstreams,
    List<KeyConfig> keys,
    RoutingPolicy policy,
    boolean learn,
    TextRule text,
    ConversationRule conversations,
    Limits limits,
    StoreConfig store,
    ObserveConfig observe,
    PageConfig page) {
  public GatewayConfig {
    upstreams = List.copyOf(upstreams);
    keys = List.copyOf(keys);
  }
}
