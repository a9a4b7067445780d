package org.embedllm.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// JSON texts to trees and back.
///
/// Trees are built from the tokens, without Jackson's data binding. So a program that opens a model
/// file works with any version of jackson-annotations; Spring Boot 3.5 has one that is too old for
/// data binding. Writing uses data binding.
public final class JsonTrees {
  /// Java's own reader of numbers: the other one first sets up Java's access to native memory, a
  /// tenth of the time of a short command.
  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(StreamReadFeature.USE_FAST_DOUBLE_PARSER).build();

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private JsonTrees() {}

  /// Made when something is written.
  private static final class Writing {
    static final JsonMapper JSON = JsonMapper.builder().build();
  }

  /// The only value of a text.
  ///
  /// @throws tools.jackson.core.JacksonException when it is no JSON, or there is more behind it
  public static JsonNode read(String json) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      return only(parser);
    }
  }

  /// The same of UTF-8 (or UTF-16, or UTF-32) bytes.
  public static JsonNode read(byte[] json) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      return only(parser);
    }
  }

  private static JsonNode only(JsonParser parser) {
    if (parser.nextToken() == null) {
      return NODES.missingNode();
    }
    JsonNode node = read(parser);
    if (parser.nextToken() != null) {
      throw new StreamReadException(parser, "there is more behind the JSON value");
    }
    return node;
  }

  /// The value that begins with the current token; its last token is then the current one.
  public static JsonNode read(JsonParser parser) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        ObjectNode object = NODES.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          object.set(name, read(parser));
        }
        yield object;
      }
      case START_ARRAY -> {
        ArrayNode array = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(read(parser));
        }
        yield array;
      }
      case VALUE_STRING -> NODES.stringNode(parser.getString());
      case VALUE_NUMBER_INT ->
          switch (parser.getNumberType()) {
            case INT -> NODES.numberNode(parser.getIntValue());
            case LONG -> NODES.numberNode(parser.getLongValue());
            default -> NODES.numberNode(parser.getBigIntegerValue());
          };
      case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDoubleValue());
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      case VALUE_NULL -> NODES.nullNode();
      default -> throw new StreamReadException(parser, "there is no JSON value");
    };
  }

  /// An empty object.
  public static ObjectNode object() {
    return NODES.objectNode();
  }

  /// The texts of an array.
  ///
  /// @throws IllegalArgumentException when it is something else
  public static List<String> strings(String json) {
    JsonNode array = read(json);
    require(array.isArray(), "an array", array);
    List<String> strings = new ArrayList<>(array.size());
    for (JsonNode each : array) {
      require(each.isString(), "a text", each);
      strings.add(each.asString());
    }
    return strings;
  }

  /// The texts of an object, sorted by name.
  ///
  /// @throws IllegalArgumentException when it is something else
  public static Map<String, String> stringsByName(String json) {
    return byName(
        json,
        node -> {
          require(node.isValueNode(), "a value", node);
          return node.asString();
        });
  }

  /// The numbers of an object, sorted by name.
  ///
  /// @throws IllegalArgumentException when it is something else
  public static Map<String, Double> numbersByName(String json) {
    return byName(
        json,
        node -> {
          require(node.isNumber(), "a number", node);
          return node.asDouble();
        });
  }

  private static <T> Map<String, T> byName(String json, Function<JsonNode, T> value) {
    JsonNode object = read(json);
    require(object.isObject(), "an object", object);
    Map<String, T> values = new TreeMap<>();
    object.properties().forEach(entry -> values.put(entry.getKey(), value.apply(entry.getValue())));
    return values;
  }

  private static void require(boolean is, String wanted, JsonNode found) {
    if (!is) {
      throw new IllegalArgumentException(
          "JSON has %s where %s should be".formatted(found.getNodeType(), wanted));
    }
  }

  /// The text of maps, lists, texts and numbers, on one line.
  public static String write(Object value) {
    return Writing.JSON.writeValueAsString(value);
  }
}
