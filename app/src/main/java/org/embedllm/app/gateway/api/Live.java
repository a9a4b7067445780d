package org.embedllm.app.gateway.api;

import org.embedllm.app.gateway.access.KeyRing;
import org.embedllm.app.gateway.config.GatewayConfig;
import org.embedllm.app.gateway.decide.Conversations;
import org.embedllm.app.gateway.decide.Decider;
import org.embedllm.app.gateway.decide.Pool;
import org.embedllm.app.gateway.decide.RoutingBrain;

/// What a request works with from its beginning to its end, whatever is reloaded meanwhile.
///
/// @param config the configuration
/// @param keys who may
/// @param pool the upstreams
/// @param brain forecasts and vectors
/// @param decider chooses
/// @param conversations which model answered which
public record Live(
    GatewayConfig config,
    KeyRing keys,
    Pool pool,
    RoutingBrain brain,
    Decider decider,
    Conversations conversations) {}
