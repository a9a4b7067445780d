package org.embedllm.artifact;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.question.AttributeEncoding;
import org.embedllm.storage.JsonTrees;
import tools.jackson.databind.JsonNode;

/// Attributes as JSON: an array of objects with `name` and, one column each, `values` (texts) or
/// `knots` (numbers).
final class AttributesJson {

  private AttributesJson() {}

  static String write(List<AttributeEncoding.Coding> codings) {
    List<Map<String, Object>> attributes = new ArrayList<>();
    for (AttributeEncoding.Coding coding : codings) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", coding.name());
      switch (coding) {
        case AttributeEncoding.TextCoding texts -> entry.put("values", texts.values());
        case AttributeEncoding.NumberCoding numbers -> entry.put("knots", numbers.knots());
      }
      attributes.add(entry);
    }
    return JsonTrees.write(attributes);
  }

  /// @throws tools.jackson.core.JacksonException when it is no JSON
  /// @throws IllegalArgumentException when it says something else
  static List<AttributeEncoding.Coding> read(String json) {
    List<AttributeEncoding.Coding> codings = new ArrayList<>();
    for (JsonNode entry : JsonTrees.read(json)) {
      String name = entry.path("name").asString("");
      if (entry.has("values")) {
        List<String> values = new ArrayList<>();
        entry.get("values").forEach(value -> values.add(value.asString()));
        codings.add(new AttributeEncoding.TextCoding(name, values));
      } else {
        List<Double> knots = new ArrayList<>();
        entry.path("knots").forEach(knot -> knots.add(knot.asDouble()));
        codings.add(new AttributeEncoding.NumberCoding(name, knots));
      }
    }
    return codings;
  }
}
