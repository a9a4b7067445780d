package org.embedllm.source.file;

import java.util.ArrayDeque;
import java.util.Deque;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/// Lists and objects as JSON, Python or numpy writes them into a text: `['a', None]`, `(1, 2)`,
/// `array(['a' 'b'], dtype=object)`.
public final class PythonLiterals {
  private static final JsonMapper LENIENT =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
          .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
          .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
          .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build();

  private final String text;
  private final StringBuilder json = new StringBuilder();
  private final Deque<Character> closing = new ArrayDeque<>(); // a space for that of `array(`
  private int at;

  private PythonLiterals(String text) {
    this.text = text;
  }

  /// The value of a text.
  ///
  /// @return a missing node where the text is no literal
  public static JsonNode read(String text) {
    try {
      return LENIENT.readTree(new PythonLiterals(text).json());
    } catch (JacksonException e) {
      return MissingNode.getInstance();
    }
  }

  private String json() {
    while (at < text.length()) {
      char c = text.charAt(at);
      switch (c) {
        case '\'', '"' -> quoted(c);
        case '[', '{', '(' -> open(c, c == '{' ? '}' : ']');
        case ']', '}', ')' -> close();
        default -> {
          if (Character.isJavaIdentifierStart(c)) {
            word();
          } else {
            json.append(c);
            at++;
          }
        }
      }
    }
    return json.toString();
  }

  private void open(char c, char end) {
    separate();
    json.append(c == '(' ? '[' : c);
    closing.push(end);
    at++;
  }

  private void close() {
    at++;
    char end = closing.isEmpty() ? '?' : closing.pop();
    if (end != ' ') {
      json.append(end);
    }
  }

  private void quoted(char quote) {
    separate();
    int from = at++;
    while (at < text.length() && text.charAt(at) != quote) {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    at = Math.min(text.length(), at + 1);
    json.append(text, from, at);
  }

  private void word() {
    int from = at;
    while (at < text.length() && Character.isJavaIdentifierPart(text.charAt(at))) {
      at++;
    }
    String word = text.substring(from, at);
    switch (word) {
      case "None" -> json.append("null");
      case "True" -> json.append("true");
      case "False" -> json.append("false");
      case "nan" -> json.append("NaN");
      case "array" -> array();
      case "dtype" -> type();
      default -> json.append(word);
    }
  }

  private void array() {
    if (at < text.length() && text.charAt(at) == '(') {
      separate();
      closing.push(' ');
      at++;
    }
  }

  /// The type of an array's elements, and the comma before it.
  private void type() {
    at = Math.max(at, text.indexOf(')', at));
    int comma = json.lastIndexOf(",");
    if (comma >= 0 && json.substring(comma + 1).isBlank()) {
      json.setLength(comma);
    }
  }

  /// numpy has no commas between values.
  private void separate() {
    int end = json.length() - 1;
    while (end >= 0 && Character.isWhitespace(json.charAt(end))) {
      end--;
    }
    if (end >= 0 && "'\"]}".indexOf(json.charAt(end)) >= 0) {
      json.append(',');
    }
  }
}
