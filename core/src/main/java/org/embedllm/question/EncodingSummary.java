package org.embedllm.question;

import java.time.Duration;

/// Summary of an encoding.
///
/// @param questions n, the number of questions
/// @param texts different texts among them
/// @param encoded texts encoded now
/// @param reused texts whose vectors existed already
/// @param cut texts longer than the encoder's maximum, of which only the beginning counts
/// @param elapsed time the encoder took
public record EncodingSummary(
    int questions, int texts, int encoded, int reused, int cut, Duration elapsed) {}
