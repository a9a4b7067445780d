package org.embedllm.artifact;

import java.util.List;
import java.util.Optional;
import org.embedllm.forecast.AttributeTable;
import org.embedllm.question.AttributeEncoding;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import tools.jackson.core.JacksonException;

/// How an [AttributeTable] is in a model file: a tensor with its rates, a note with its attribute.
final class AttributeTableFormat {
  /// Name of the tensor with the rates, [m, 1 + V].
  static final String RATES = "table.rates";

  /// Name of the note with the attribute.
  static final String ATTRIBUTE = "table_attribute";

  private AttributeTableFormat() {}

  static ModelArtifact keep(ModelArtifact artifact, AttributeTable table) {
    return artifact
        .withTensor(RATES, table.rates())
        .withNote(ATTRIBUTE, AttributesJson.write(List.of(table.attribute())));
  }

  /// The table that an artifact keeps.
  ///
  /// @return empty where it keeps none, or keeps one of fewer models than it has by now
  static Optional<AttributeTable> of(ModelArtifact artifact) {
    FloatMatrix rates = artifact.tensors().get(RATES);
    String attribute = artifact.notes().get(ATTRIBUTE);
    if (rates == null
        || attribute == null
        || rates.rows() != artifact.factorization().models().size()) {
      return Optional.empty();
    }
    try {
      List<AttributeEncoding.Coding> codings = AttributesJson.read(attribute);
      return codings.isEmpty()
          ? Optional.empty()
          : Optional.of(AttributeTable.of(codings.getFirst(), rates));
    } catch (JacksonException | IllegalArgumentException e) {
      throw BadInputException.of("the table the model keeps does not fit: " + e.getMessage());
    }
  }
}
