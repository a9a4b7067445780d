package org.embedllm.question;

import java.time.Duration;

/// What was done to get the vectors of a set of questions.
///
/// @param questions n, the number of questions
/// @param texts different texts among them
/// @param encoded texts encoded now
/// @param reused texts whose vectors were there already
/// @param cut texts longer than the encoder's maximum, of which only the beginning was read
/// @param elapsed time the encoder took
public record EncodingSummary(
    int questions, int texts, int encoded, int reused, int cut, Duration elapsed) {}
