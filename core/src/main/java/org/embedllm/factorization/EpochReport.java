package org.embedllm.factorization;

import java.util.OptionalDouble;

/// The state of training after an epoch.
///
/// @param epoch counted from 1
/// @param epochs total number of epochs
/// @param trainLoss mean loss of the epoch's cells, each taken before the step it was part of, in
///   nats
/// @param validationAccuracy share of validation cells whose label (score at least one half) was
///   forecast; empty without validation
/// @param validationLogLoss mean binary cross-entropy of validation scores, in nats; empty without
///   validation
/// @param seconds since training started or was resumed
public record EpochReport(
    int epoch,
    int epochs,
    double trainLoss,
    OptionalDouble validationAccuracy,
    OptionalDouble validationLogLoss,
    double seconds) {}
