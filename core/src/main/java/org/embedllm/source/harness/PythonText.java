package org.embedllm.source.harness;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Lists of texts as Python or JSON writes them into the cell of a table: `['a', "b"]`.
final class PythonText {
  private static final Pattern LIST =
      Pattern.compile("\\s*\\[\\s*(?:" + literal() + "\\s*,?\\s*)*\\]\\s*", Pattern.DOTALL);
  private static final Pattern LITERAL = Pattern.compile(literal(), Pattern.DOTALL);

  private static final JsonMapper LENIENT =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
          .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
          .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
          .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
          .build();

  private PythonText() {}

  private static String literal() {
    return "(?:'((?:[^'\\\\]|\\\\.)*+)'|\"((?:[^\"\\\\]|\\\\.)*+)\")";
  }

  /// The texts of a list, an empty line between; anything else stays as it is.
  static String texts(String cell) {
    if (!cell.startsWith("[") || !LIST.matcher(cell).matches()) {
      return cell;
    }
    return LITERAL
        .matcher(cell)
        .results()
        .map(found -> unescaped(found.group(1) == null ? found.group(2) : found.group(1)))
        .collect(Collectors.joining("\n\n"));
  }

  /// The list of a cell that holds one as JSON, Python or numpy writes it; anything else stays as
  /// it is.
  static JsonNode list(JsonNode cell) {
    String text = cell.asString("").strip();
    if (!cell.isString() || !text.startsWith("[")) {
      return cell;
    }
    try {
      // numpy has no commas between objects.
      return LENIENT.readTree(text.replaceAll("\\}\\s+\\{(?=['\"])", "}, {"));
    } catch (JacksonException e) {
      return cell;
    }
  }

  private static String unescaped(String literal) {
    Matcher matcher = Pattern.compile("\\\\(u[0-9a-fA-F]{4}|.)", Pattern.DOTALL).matcher(literal);
    StringBuilder text = new StringBuilder();
    while (matcher.find()) {
      String escaped = matcher.group(1);
      String meant =
          switch (escaped.charAt(0)) {
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'r' -> "\r";
            case 'u' ->
                escaped.length() == 5
                    ? String.valueOf((char) Integer.parseInt(escaped.substring(1), 16))
                    : "u";
            default -> escaped;
          };
      matcher.appendReplacement(text, Matcher.quoteReplacement(meant));
    }
    return matcher.appendTail(text).toString();
  }
}
