package org.embedllm.gateway.store;

import java.util.Optional;

/// What one key has spent on one model.
///
/// @param client the key's name; empty where no key was needed
/// @param model that answered, else the chosen one
/// @param requests asked
/// @param promptTokens read
/// @param answerTokens written
/// @param usd cost, of calls with a known price
public record Spending(
    Optional<String> client,
    String model,
    long requests,
    long promptTokens,
    long answerTokens,
    double usd) {}
