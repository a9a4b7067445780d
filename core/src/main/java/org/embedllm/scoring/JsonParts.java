package org.embedllm.scoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The JSON within what a model wrote.
final class JsonParts {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern FENCE = Pattern.compile("(?s)```(?:json)?\\s*\\n(.*?)```");
  private static final int MOST = 1_000; // places where JSON may begin

  private JsonParts() {}

  /// The whole output where it is JSON; else its fenced blocks; else its objects and arrays. In
  /// their order, those within others left out.
  static List<JsonNode> of(String output) {
    String text = output.strip();
    Optional<JsonNode> whole = tree(text);
    if (whole.isPresent()) {
      return List.of(whole.get());
    }
    List<JsonNode> found = new ArrayList<>();
    Matcher fence = FENCE.matcher(text);
    while (fence.find()) {
      tree(fence.group(1).strip()).ifPresent(found::add);
    }
    return found.isEmpty() ? within(text) : found;
  }

  /// The JSON that a judge's verdict or an answer ends with.
  static Optional<JsonNode> last(String output) {
    List<JsonNode> all = of(output);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
  }

  private static List<JsonNode> within(String text) {
    List<JsonNode> found = new ArrayList<>();
    int tries = 0;
    for (int at = 0; at < text.length() && tries < MOST; at++) {
      char c = text.charAt(at);
      if (c != '{' && c != '[') {
        continue;
      }
      tries++;
      int end = end(text, at);
      Optional<JsonNode> node = end < 0 ? Optional.empty() : tree(text.substring(at, end));
      if (node.isPresent()) {
        found.add(node.get());
        at = end - 1;
      }
    }
    return found;
  }

  /// Behind the bracket that closes the one at a place; -1 where none does.
  private static int end(String text, int start) {
    int depth = 0;
    boolean quoted = false;
    for (int at = start; at < text.length(); at++) {
      char c = text.charAt(at);
      if (quoted) {
        at += c == '\\' ? 1 : 0;
        quoted = c != '"';
      } else if (c == '"') {
        quoted = true;
      } else if (c == '{' || c == '[') {
        depth++;
      } else if ((c == '}' || c == ']') && --depth == 0) {
        return at + 1;
      }
    }
    return -1;
  }

  private static Optional<JsonNode> tree(String json) {
    try {
      return Optional.of(JSON.readTree(json)).filter(node -> !node.isMissingNode());
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
