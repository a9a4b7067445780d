package org.embedllm.artifact;

import java.util.List;
import java.util.Optional;
import org.embedllm.question.TextFamiliarity;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;

/// How a [TextFamiliarity] is in a model file: a tensor and a note.
final class TextFamiliarityFormat {
  /// Name of the tensor with pairs of characters, [C, C].
  static final String PAIRS = "text.pairs";

  /// Name of the note with the scripts, separated by blanks.
  static final String SCRIPTS = "text_scripts";

  private TextFamiliarityFormat() {}

  static ModelArtifact keep(ModelArtifact artifact, TextFamiliarity familiarity) {
    return artifact
        .withTensor(PAIRS, familiarity.pairs())
        .withNote(SCRIPTS, String.join(" ", familiarity.scripts()));
  }

  /// What an artifact keeps; empty where it keeps none.
  static Optional<TextFamiliarity> of(ModelArtifact artifact) {
    FloatMatrix pairs = artifact.tensors().get(PAIRS);
    String scripts = artifact.notes().get(SCRIPTS);
    if (pairs == null || scripts == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(TextFamiliarity.of(pairs, List.of(scripts.split(" "))));
    } catch (IllegalArgumentException e) {
      throw BadInputException.of(
          "what the model keeps of its texts does not fit: " + e.getMessage());
    }
  }
}
