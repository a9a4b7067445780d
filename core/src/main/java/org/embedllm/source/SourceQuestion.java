package org.embedllm.source;

import java.util.Optional;
import org.embedllm.correctness.SplitPart;

/// A question as a source has it.
///
/// @param part the part of a split that the source brings
/// @param id the source's own id; without one, the text names the question
/// @param text its text; may be empty where there is an id
/// @param benchmark the benchmark it belongs to, or
///   [org.embedllm.correctness.Question#NO_BENCHMARK]
public record SourceQuestion(
    Optional<SplitPart> part, Optional<String> id, String text, String benchmark) {}
