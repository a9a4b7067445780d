package org.embedllm.source.file;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// Values in a JSON object by the path to them.
public final class JsonFields {
  private JsonFields() {}

  /// The node at a path such as `evaluation.score`; a missing node where there is none. A field
  /// whose own name has a dot is found as well.
  public static JsonNode at(JsonNode node, String path) {
    JsonNode own = node.path(path);
    int dot = path.indexOf('.');
    return !own.isMissingNode() || dot < 0
        ? own
        : at(node.path(path.substring(0, dot)), path.substring(dot + 1));
  }

  /// The value at a path as text: of an array its size; empty where there is none.
  public static String value(JsonNode node, String path) {
    JsonNode value = at(node, path);
    return value.isArray() ? Integer.toString(value.size()) : text(value);
  }

  /// A text, number or truth value as text; empty for anything else.
  public static String text(JsonNode node) {
    return node.isValueNode() && !node.isNull() ? JsonRecords.wellFormed(node.asString("")) : "";
  }

  /// The texts in an array, or one text alone.
  public static List<String> texts(JsonNode node) {
    List<String> texts = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(element -> texts.add(text(element)));
    } else if (!text(node).isEmpty()) {
      texts.add(text(node));
    }
    return texts;
  }

  /// The values of attributes.
  ///
  /// @param paths by the attribute's name
  public static Map<String, String> attributes(JsonNode node, Map<String, String> paths) {
    Map<String, String> values = new LinkedHashMap<>();
    paths.forEach((name, path) -> values.put(name, value(node, path)));
    return values;
  }

  /// A number, also one that is written as text; NaN for anything else.
  public static double number(JsonNode node) {
    if (node.isNumber()) {
      return node.asDouble();
    }
    try {
      return node.isString() ? Double.parseDouble(node.asString().strip()) : Double.NaN;
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /// The list that a text holds as JSON, Python or numpy writes it; anything else stays as it is.
  public static JsonNode list(JsonNode node) {
    if (!node.isString() || !node.asString().stripLeading().startsWith("[")) {
      return node;
    }
    JsonNode list = PythonLiterals.read(node.asString());
    return list.isArray() ? list : node;
  }

  /// The texts of a list of texts within a text, an empty line between; anything else stays as it
  /// is.
  public static String listedTexts(String text) {
    JsonNode list = text.startsWith("[") ? PythonLiterals.read(text) : MissingNode.getInstance();
    return list.isArray() && list.valueStream().allMatch(JsonNode::isString)
        ? String.join("\n\n", texts(list))
        : text;
  }

  /// What a user says in a chat: the texts of the user's messages, an empty line between. A text
  /// stays as it is, and a chat without a user is read as a whole.
  public static String userText(JsonNode chat) {
    return userText(chat, 0);
  }

  /// What a user says in the first turns of a chat.
  ///
  /// @param turns how many messages of the user count; 0 for all
  public static String userText(JsonNode chat, int turns) {
    if (!chat.isArray()) {
      return chat.isObject() ? content(chat) : text(chat);
    }
    List<String> user = new ArrayList<>();
    List<String> all = new ArrayList<>();
    collect(chat, user, all);
    int counted = turns > 0 ? Math.min(turns, user.size()) : user.size();
    return String.join("\n\n", user.isEmpty() ? all : user.subList(0, counted));
  }

  /// Messages may be nested by turn, and a message may have its text in parts.
  private static void collect(JsonNode messages, List<String> user, List<String> all) {
    for (JsonNode message : messages) {
      if (message.isArray()) {
        collect(message, user, all);
        continue;
      }
      String text = message.isObject() ? content(message) : text(message);
      if (!text.isEmpty()) {
        all.add(text);
        if (message.path("role").asString("").equals("user")) {
          user.add(text);
        }
      }
    }
  }

  /// The text of a message, or the texts of its parts.
  private static String content(JsonNode message) {
    JsonNode content = message.path("content");
    return content.isArray() ? parts(content) : text(content);
  }

  private static String parts(JsonNode content) {
    List<String> parts = new ArrayList<>();
    content.forEach(part -> parts.add(text(part.isObject() ? part.path("text") : part)));
    parts.removeIf(String::isEmpty);
    return String.join("\n", parts);
  }
}
