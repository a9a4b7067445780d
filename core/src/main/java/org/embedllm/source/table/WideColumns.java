package org.embedllm.source.table;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.embedllm.source.ColumnRole;

/// The columns of a wide table: each model has one with its scores, and may have others named after
/// it, such as `MODEL|total_cost`.
///
/// @param model name of the model and of the column with its scores
/// @param others name of the model's other columns by role
record WideColumns(String model, Map<ColumnRole, String> others) {
  private static final List<ColumnRole> ROLES =
      List.of(
          ColumnRole.COST,
          ColumnRole.INPUT_TOKENS,
          ColumnRole.OUTPUT_TOKENS,
          ColumnRole.OUTPUT_CHARACTERS,
          ColumnRole.LATENCY,
          ColumnRole.OUTPUT);

  /// What may stand between a model's name and a role in the name of a column.
  private static final Pattern BETWEEN = Pattern.compile("[|.:_ /-]{1,2}");

  /// The models among the columns of a header.
  ///
  /// @param patterns names with `*` for any characters
  static List<WideColumns> find(List<String> header, List<String> patterns) {
    return header.stream()
        .filter(name -> patterns.stream().anyMatch(pattern -> fits(name, pattern)))
        .filter(name -> header.stream().noneMatch(other -> roleOf(name, other).isPresent()))
        .map(name -> of(name, header))
        .toList();
  }

  /// The models of a table that has `MODEL|total_cost` or `MODEL|model_response` beside `MODEL`.
  static List<WideColumns> recognise(List<String> header) {
    return header.stream()
        .filter(name -> !name.isEmpty())
        .filter(name ->
            header.contains(name + "|total_cost") || header.contains(name + "|model_response"))
        .map(name -> of(name, header))
        .toList();
  }

  private static WideColumns of(String model, List<String> header) {
    Map<ColumnRole, String> others = new EnumMap<>(ColumnRole.class);
    for (String column : header) {
      roleOf(column, model).ifPresent(role -> others.putIfAbsent(role, column));
    }
    return new WideColumns(model, others);
  }

  /// The role of a column that is named after a model.
  private static Optional<ColumnRole> roleOf(String column, String model) {
    if (model.isEmpty() || column.length() <= model.length() || !column.startsWith(model)) {
      return Optional.empty();
    }
    String rest = column.substring(model.length());
    for (ColumnRole role : ROLES) {
      for (String name : role.names()) {
        int start = rest.length() - name.length();
        if (start > 0
            && ColumnNames.normal(rest.substring(start)).equals(name)
            && BETWEEN.matcher(rest.substring(0, start)).matches()) {
          return Optional.of(role);
        }
      }
    }
    return Optional.empty();
  }

  /// Whether a name fits a pattern with `*` for any characters, in time of the product of their
  /// lengths at most. A column's name may hold a thousand `*`.
  private static boolean fits(String name, String pattern) {
    int at = 0;
    int next = 0;
    int star = -1;
    int tried = 0; // where in the name the part after the star was looked for
    while (at < name.length()) {
      if (next < pattern.length() && pattern.charAt(next) == '*') {
        star = next;
        next++;
        tried = at;
      } else if (next < pattern.length() && pattern.charAt(next) == name.charAt(at)) {
        next++;
        at++;
      } else if (star >= 0) {
        next = star + 1;
        tried++;
        at = tried;
      } else {
        return false;
      }
    }
    return pattern.substring(next).chars().allMatch(c -> c == '*');
  }
}
