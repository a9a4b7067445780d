package org.embedllm.source;

import java.util.Map;
import org.embedllm.correctness.Measure;

/// An answer as a source has it.
///
/// @param score in [0, 1]; NaN says that there is none
/// @param measures what is known of it beside the score; [Measure#REPEATS] says how many answers
///   the score is the mean of
/// @param output what the model wrote; empty where the source does not say, or where texts are not
///   kept
public record SourceAnswer(float score, Map<Measure, Double> measures, String output) {}
