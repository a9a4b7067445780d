package org.embedllm.artifact;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.JsonTrees;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.usage.UsageModel;
import org.embedllm.usage.UsageTensors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Forecasts of usage in a model file: the tensors of [UsageTensors], and the note `usage`, a JSON
/// object with `models`, their names in row order, and `gamma`, γ of the kernel.
final class UsageStorage {
  private static final String NOTE = "usage";

  private UsageStorage() {}

  static ModelArtifact keep(ModelArtifact artifact, UsageModel usage) {
    ObjectNode note = JsonTrees.object().put("gamma", usage.gamma());
    ArrayNode names = note.putArray("models");
    usage.models().forEach(names::add);
    Map<String, FloatMatrix> tensors = new TreeMap<>(artifact.tensors());
    tensors.keySet().removeIf(name -> name.startsWith(UsageTensors.PREFIX));
    tensors.putAll(UsageTensors.of(usage));
    Map<String, String> notes = new TreeMap<>(artifact.notes());
    notes.put(NOTE, note.toString());
    return new ModelArtifact(
        artifact.factorization(),
        artifact.training(),
        artifact.provenance(),
        artifact.callCosts(),
        artifact.questionsDigest(),
        tensors,
        notes);
  }

  static Optional<UsageModel> read(ModelArtifact artifact) {
    String note = artifact.notes().get(NOTE);
    if (note == null) {
      return Optional.empty();
    }
    try {
      JsonNode node = JsonTrees.read(note);
      List<String> models = new ArrayList<>();
      node.path("models").forEach(name -> models.add(name.asString()));
      return UsageTensors.read(artifact.tensors(), models, node.path("gamma").floatValue());
    } catch (IllegalArgumentException | JacksonException e) {
      throw BadInputException.of(
          "what the model keeps to forecast usage does not fit: " + e.getMessage());
    }
  }
}
