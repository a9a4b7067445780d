package org.embedllm.offpolicy;

import java.util.Optional;
import org.embedllm.forecast.Interval;

/// What a policy would have got.
///
/// @param decisions with an outcome, from which it is estimated
/// @param value mean outcome; NaN where it was refused
/// @param interval of it, 95 %
/// @param difference to the mean outcome of what clients got; NaN where it was refused
/// @param differenceInterval of it, 95 %
/// @param effectiveSamples (Σ w)² / Σ w² of the weights w (Kish, 1965), or what is expected of it
///   from the probabilities where that is less
/// @param cost mean expected cost of its choices in USD; NaN where a price is not known
/// @param refusal why the log cannot tell; empty where it can
public record OffPolicyEstimate(
    int decisions,
    double value,
    Interval interval,
    double difference,
    Interval differenceInterval,
    double effectiveSamples,
    double cost,
    Optional<String> refusal) {}
