package org.embedllm.gateway.api;

import java.util.Optional;
import org.embedllm.gateway.access.KeyRing;
import org.embedllm.gateway.access.Ledger;
import org.embedllm.gateway.cache.ResponseCache;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.decide.Conversations;
import org.embedllm.gateway.decide.Decider;
import org.embedllm.gateway.decide.PromptForecaster;
import org.embedllm.gateway.decide.Upstreams;
import org.embedllm.gateway.pacing.BudgetPacing;
import org.embedllm.gateway.rollout.RolloutState;

/// The configuration and model of a request from beginning to end, also during a reload.
///
/// @param file the configuration as it is in its file
/// @param config the configuration with the keys of the store
/// @param keys who may
/// @param ledger what each key has used; the same for all snapshots of a gateway
/// @param cache answers kept for repeats; empty where it is off
/// @param upstreams the upstreams
/// @param forecaster forecasts and vectors
/// @param decider chooses
/// @param conversations which model answered which
/// @param rolloutState what the arms of a rollout have done
/// @param pacing what keeps a ceiling of spending; empty without one
public record GatewaySnapshot(
    GatewayConfig file,
    GatewayConfig config,
    KeyRing keys,
    Ledger ledger,
    Optional<ResponseCache> cache,
    Upstreams upstreams,
    PromptForecaster forecaster,
    Decider decider,
    Conversations conversations,
    RolloutState rolloutState,
    Optional<BudgetPacing> pacing) {}
