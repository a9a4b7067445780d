package org.embedllm.artifact;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.embedllm.factorization.NestedKernels;
import org.embedllm.factorization.SurfaceFamiliarity;
import org.embedllm.question.AttributeEncoding;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.JsonTrees;
import org.embedllm.tensor.Checksum;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.tensor.Safetensors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// How [NestedKernels] stand in a model file.
///
/// | metadata | is |
/// |---|---|
/// | `nested` | JSON object: `gamma`, `contentGamma`, `contentShare`, `usualForm`, `farForm` |
/// | `attributes` | JSON array, an object each: `name` with `values` (texts) or `knots` (numbers), one column each |
final class NestedKernelsFormat {
  static final String CONTENT_LANDMARKS = "features.content_landmarks";
  static final String PROTOTYPES = "features.form_prototypes";
  static final String EXPECTED = "features.expected_attributes";
  static final String SETTINGS = "nested";
  static final String ATTRIBUTES = "attributes";

  private NestedKernelsFormat() {}

  static void write(NestedKernels nested, Checksum.Writer writer) throws IOException {
    writer.matrix("features.landmarks", nested.surface().landmarks());
    writer.matrix(CONTENT_LANDMARKS, nested.content().landmarks());
    writer.matrix(PROTOTYPES, nested.familiarity().prototypes());
    if (nested.attributes().columns() > 0) {
      writer.matrix(EXPECTED, nested.expected());
    }
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("gamma", nested.surface().gamma());
    settings.put("contentGamma", nested.content().gamma());
    settings.put("contentShare", nested.contentShare());
    settings.put("usualForm", nested.familiarity().usual());
    settings.put("farForm", nested.familiarity().far());
    writer.metadata(SETTINGS, JsonTrees.write(settings));
    writer.metadata(ATTRIBUTES, AttributesJson.write(nested.attributes().codings()));
  }

  /// @param known whether the same file was valid before
  static NestedKernels read(Safetensors file, EncoderIdentity encoder, boolean known)
      throws IOException {
    try {
      JsonNode settings = JsonTrees.read(ArtifactFormat.required(file, SETTINGS));
      AttributeEncoding attributes =
          AttributeEncoding.of(AttributesJson.read(ArtifactFormat.required(file, ATTRIBUTES)));
      return new NestedKernels(
          TextFeatureVectors.columns(encoder),
          ArtifactFormat.kernel(
              file, "features.landmarks", (float) number(settings, "gamma"), known),
          ArtifactFormat.kernel(
              file, CONTENT_LANDMARKS, (float) number(settings, "contentGamma"), known),
          new SurfaceFamiliarity(
              file.matrix(PROTOTYPES), number(settings, "usualForm"), number(settings, "farForm")),
          number(settings, "contentShare"),
          attributes,
          attributes.columns() > 0 ? file.matrix(EXPECTED) : FloatMatrix.wrap(0, 0, new float[0]));
    } catch (JacksonException e) {
      throw BadInputException.in(
          file.file(), "is no valid model file: " + e.getOriginalMessage(), e);
    }
  }

  private static double number(JsonNode settings, String name) {
    JsonNode value = settings.get(name);
    if (value == null || !value.isNumber()) {
      throw new IllegalArgumentException("its nested kernels have no number " + name);
    }
    return value.asDouble();
  }
}
