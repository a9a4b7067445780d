package org.embedllm.gateway.config;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.storage.DidYouMean;

/// Environment variables, inserted for `${NAME}` or `${NAME:-otherwise}`.
final class Environment {
  private static final Pattern VARIABLE =
      Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?}");

  private final Map<String, String> values;

  Environment(Map<String, String> values) {
    this.values = Map.copyOf(values);
  }

  /// @param key of the text, for problems
  /// @param line the same
  /// @return empty where a variable is not set, which has then been reported
  Optional<String> expand(String key, String text, int line, Problems problems) {
    Matcher matcher = VARIABLE.matcher(text);
    var out = new StringBuilder();
    boolean whole = true;
    while (matcher.find()) {
      String variable = matcher.group(1);
      Optional<String> value =
          Optional.ofNullable(values.get(variable)).or(() -> Optional.ofNullable(matcher.group(2)));
      if (value.isEmpty()) {
        problems.add(
            line,
            "%s takes the environment variable %s, which is not set.%s"
                .formatted(key, variable, DidYouMean.hint(variable, similar(variable))));
        whole = false;
      }
      matcher.appendReplacement(out, Matcher.quoteReplacement(value.orElse("")));
    }
    matcher.appendTail(out);
    return whole ? Optional.of(out.toString()) : Optional.empty();
  }

  /// Names of set variables are only shown where they end like the missing one: no tour of the
  /// environment.
  private Collection<String> similar(String variable) {
    String tail = variable.substring(Math.max(0, variable.lastIndexOf('_')));
    return values.keySet().stream().filter(name -> name.endsWith(tail)).toList();
  }
}
