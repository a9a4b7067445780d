package org.embedllm.gateway.config;

/// Which part of a conversation is the question that is routed on.
///
/// @param turns user messages taken, counted from the last; 1 is the last alone
/// @param minCharacters where the taken ones are shorter than this together, earlier ones are added
///   until they are not; 0 switches that off
/// @param fenceLines longest fenced block (lines) that is kept whole; of longer ones the first and
///   the last half of that many lines stay
/// @param maxCharacters longer text is cut in its middle
/// @param system whether system and developer messages are put before it
public record TextRule(
    int turns, int minCharacters, int fenceLines, int maxCharacters, boolean system) {
  public static final TextRule DEFAULT = new TextRule(1, 24, 12, 8_000, false);
}
