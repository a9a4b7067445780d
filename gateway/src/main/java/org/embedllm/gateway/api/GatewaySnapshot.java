package org.embedllm.gateway.api;

import org.embedllm.gateway.access.KeyRing;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.decide.Conversations;
import org.embedllm.gateway.decide.Decider;
import org.embedllm.gateway.decide.PromptForecaster;
import org.embedllm.gateway.decide.Upstreams;

/// The configuration and model of a request from beginning to end, also during a reload.
///
/// @param config the configuration
/// @param keys who may
/// @param upstreams the upstreams
/// @param forecaster forecasts and vectors
/// @param decider chooses
/// @param conversations which model answered which
public record GatewaySnapshot(
    GatewayConfig config,
    KeyRing keys,
    Upstreams upstreams,
    PromptForecaster forecaster,
    Decider decider,
    Conversations conversations) {}
