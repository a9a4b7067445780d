package org.embedllm.votes;

import java.util.Map;
import java.util.Optional;
import org.embedllm.storage.JsonTrees;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a model file keeps of the votes it learned from.
///
/// @param likelihood scale, position bias and ties
/// @param prior of a model's vector, in a pool from votes alone
public record VoteNotes(VoteLikelihood likelihood, Optional<VotePrior> prior) {
  /// Name of the note.
  public static final String VOTES = "votes";

  /// Whether the pool has votes and no scores, so that its probabilities are preferences.
  public boolean alone() {
    return prior.isPresent();
  }

  /// The notes to keep, by name.
  public Map<String, String> notes() {
    ObjectNode node =
        JsonTrees.object()
            .put("scale", likelihood.scale())
            .put("positionBias", likelihood.positionBias())
            .put("tie", likelihood.tie());
    prior.ifPresent(p -> node.put("constantVariance", p.constant()).put("textVariance", p.text()));
    return Map.of(VOTES, node.toString());
  }

  /// Read from the notes of a model file; empty where it learned from no votes.
  ///
  /// @throws IllegalArgumentException when the note is damaged
  public static Optional<VoteNotes> of(Map<String, String> notes) {
    String text = notes.get(VOTES);
    if (text == null) {
      return Optional.empty();
    }
    try {
      JsonNode node = JsonTrees.read(text);
      return Optional.of(
          new VoteNotes(
              new VoteLikelihood(
                  node.path("scale").asDouble(),
                  node.path("positionBias").asDouble(),
                  node.path("tie").asDouble()),
              node.has("constantVariance")
                  ? Optional.of(
                      new VotePrior(
                          node.path("constantVariance").asDouble(),
                          node.path("textVariance").asDouble()))
                  : Optional.empty()));
    } catch (JacksonException e) {
      throw new IllegalArgumentException("the note on votes is no JSON", e);
    }
  }
}
