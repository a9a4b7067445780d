package org.embedllm.source.harness;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Lists of texts as Python or JSON writes them into the cell of a table: `['a', "b"]`.
final class PythonText {
  private static final Pattern LIST =
      Pattern.compile("\\s*\\[\\s*(?:" + literal() + "\\s*,?\\s*)*\\]\\s*", Pattern.DOTALL);
  private static final Pattern LITERAL = Pattern.compile(literal(), Pattern.DOTALL);

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
