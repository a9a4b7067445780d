package org.embedllm.gateway.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.rollout.Assignment;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The column `assignment`: `{router, arm, explored, candidates: [{model, propensity, probability,
/// cost}]}`; null where the request named its model.
final class AssignmentText {
  private AssignmentText() {}

  static Optional<String> write(Assignment assignment) {
    if (assignment.equals(Assignment.NONE)) {
      return Optional.empty();
    }
    ObjectNode root = ChatJson.mapper().createObjectNode();
    root.put("router", assignment.router());
    root.put("arm", assignment.arm().name().toLowerCase(Locale.ROOT));
    root.put("explored", assignment.explored());
    ArrayNode candidates = root.putArray("candidates");
    for (Assignment.Candidate candidate : assignment.candidates()) {
      ObjectNode entry = candidates.addObject();
      entry.put("model", candidate.model());
      entry.put("propensity", candidate.propensity());
      number(entry, "probability", candidate.probability());
      number(entry, "cost", candidate.cost());
    }
    return Optional.of(ChatJson.mapper().writeValueAsString(root));
  }

  private static void number(ObjectNode entry, String name, double value) {
    if (Double.isFinite(value)) {
      entry.put(name, value);
    }
  }

  static Assignment read(Optional<String> text) {
    if (text.isEmpty()) {
      return Assignment.NONE;
    }
    JsonNode root = ChatJson.mapper().readTree(text.get());
    List<Assignment.Candidate> candidates = new ArrayList<>();
    for (JsonNode entry : root.path("candidates")) {
      candidates.add(
          new Assignment.Candidate(
              entry.path("model").asString(""),
              entry.path("propensity").asDouble(0),
              entry.path("probability").asDouble(Double.NaN),
              entry.path("cost").asDouble(Double.NaN)));
    }
    return new Assignment(
        root.path("router").asString(""),
        Assignment.Arm.valueOf(root.path("arm").asString("router").toUpperCase(Locale.ROOT)),
        root.path("explored").asBoolean(false),
        candidates);
  }
}
