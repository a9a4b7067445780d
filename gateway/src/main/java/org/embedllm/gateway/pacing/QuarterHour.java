package org.embedllm.gateway.pacing;

import java.time.Instant;

/// Traffic of a quarter of an hour.
///
/// @param start its first moment
/// @param requests whose model a policy chose
/// @param usd cost of all requests
public record QuarterHour(Instant start, long requests, double usd) {}
