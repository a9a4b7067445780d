package org.embedllm.facts;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.correctness.ModelFamilies;
import org.embedllm.tensor.FloatMatrix;

/// Facts of models as a similarity between them.
///
/// Each fact is a column. A column whose values are all numbers (or dates, sizes such as `70B`,
/// prices such as `$0.9`) is compared by its standardized value, of the logarithm where all are
/// positive. Other values are alike or not. A name gives three facts where no table has them:
/// `parameters` (`8B`, `8x7B`), `tuned` (`chat`, `instruct`, `it`) and `family`.
public final class ModelFacts {
  /// Billions of parameters.
  public static final String PARAMETERS = "parameters";

  /// Whether a model was tuned to follow instructions.
  public static final String TUNED = "tuned";

  /// The name that related models share.
  public static final String FAMILY = "family";

  private static final Pattern SIZE =
      Pattern.compile("(?:(\\d+)x)?(\\d+(?:\\.\\d+)?)b(?![a-z])", Pattern.CASE_INSENSITIVE);
  private static final Pattern WRITTEN_SIZE =
      Pattern.compile(
          "(?:(\\d+)\\s*[x×]\\s*)?(\\d+(?:\\.\\d+)?)\\s*([bm])", Pattern.CASE_INSENSITIVE);
  private static final Pattern DATE =
      Pattern.compile("(\\d{4})-(\\d{1,2})(?:-(\\d{1,2}))?(?:T.*)?");
  private static final Pattern INSTRUCT =
      Pattern.compile("(^|[-_ ./])(chat|instruct|it)($|[-_ .@])", Pattern.CASE_INSENSITIVE);

  private ModelFacts() {}

  /// Facts with those of the names added where they are missing.
  ///
  /// @param models names
  /// @param given facts by model and column
  /// @return in the order of the names
  public static List<Map<String, String>> of(
      List<String> models, Map<String, Map<String, String>> given) {
    Map<Integer, String> families = new TreeMap<>();
    ModelFamilies.of(models)
        .forEach((family, rows) -> rows.forEach(row -> families.put(row, family)));
    List<Map<String, String>> all = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      String name = models.get(i);
      Map<String, String> facts = new TreeMap<>();
      Matcher size = SIZE.matcher(name);
      if (size.find()) {
        double experts = size.group(1) == null ? 1 : Double.parseDouble(size.group(1));
        facts.put(PARAMETERS, Double.toString(experts * Double.parseDouble(size.group(2))));
      }
      facts.put(TUNED, INSTRUCT.matcher(name).find() ? "yes" : "no");
      facts.put(FAMILY, families.getOrDefault(i, name));
      given
          .getOrDefault(name, Map.of())
          .forEach((column, value) -> {
            if (!value.isBlank()) {
              facts.put(column.strip().toLowerCase(Locale.ROOT), value.strip());
            }
          });
      facts.computeIfPresent(PARAMETERS, (column, value) -> inBillions(value));
      all.add(facts);
    }
    return all;
  }

  /// A count of parameters beside the billions that names give: 8,000,000,000 is 8.
  private static String inBillions(String value) {
    OptionalDouble number = number(value);
    return number.isPresent() && number.getAsDouble() >= 1e6
        ? Double.toString(number.getAsDouble() * 1e-9)
        : value;
  }

  /// Similarity of models by their facts, `[n, n]`: the mean over the columns, 0 where a fact is
  /// missing.
  public static FloatMatrix similarity(List<Map<String, String>> facts) {
    int n = facts.size();
    TreeSet<String> columns = new TreeSet<>();
    facts.forEach(f -> columns.addAll(f.keySet()));
    float[] similarity = new float[n * n];
    for (String column : columns) {
      List<String> values = facts.stream().map(f -> f.getOrDefault(column, "")).toList();
      List<OptionalDouble> numbers = values.stream().map(ModelFacts::number).toList();
      boolean numeric = true;
      for (int i = 0; i < n; i++) {
        numeric &= values.get(i).isEmpty() || numbers.get(i).isPresent();
      }
      double[] standardized = numeric ? standardized(numbers) : new double[n];
      for (int a = 0; a < n; a++) {
        for (int b = 0; b < n; b++) {
          double alike =
              numeric
                  ? standardized[a] * standardized[b]
                  : !values.get(a).isEmpty() && values.get(a).equals(values.get(b)) ? 1 : 0;
          similarity[a * n + b] += (float) (alike / columns.size());
        }
      }
    }
    return FloatMatrix.wrap(n, n, similarity);
  }

  private static double[] standardized(List<OptionalDouble> numbers) {
    boolean positive = numbers.stream().allMatch(v -> v.isEmpty() || v.getAsDouble() > 0);
    double[] values =
        numbers.stream()
            .mapToDouble(v ->
                v.isEmpty() ? Double.NaN : positive ? Math.log(v.getAsDouble()) : v.getAsDouble())
            .toArray();
    double mean = java.util.Arrays.stream(values).filter(v -> !Double.isNaN(v)).average().orElse(0);
    double square =
        java.util.Arrays.stream(values)
            .filter(v -> !Double.isNaN(v))
            .map(v -> (v - mean) * (v - mean))
            .average()
            .orElse(0);
    for (int i = 0; i < values.length; i++) {
      values[i] =
          Double.isNaN(values[i]) || square == 0 ? 0 : (values[i] - mean) / Math.sqrt(square);
    }
    return values;
  }

  /// Columns that are compared as words though most of their values are numbers, each with a value
  /// that is none.
  ///
  /// @param facts by model and column
  public static Map<String, String> mixed(Map<String, Map<String, String>> facts) {
    Map<String, Integer> numbers = new TreeMap<>();
    Map<String, List<String>> words = new TreeMap<>();
    facts
        .values()
        .forEach(known ->
            known.forEach((column, value) -> {
              if (!value.isBlank()) {
                if (number(value).isPresent()) {
                  numbers.merge(column, 1, Integer::sum);
                } else {
                  words.computeIfAbsent(column, c -> new ArrayList<>()).add(value.strip());
                }
              }
            }));
    Map<String, String> mixed = new TreeMap<>();
    words.forEach((column, values) -> {
      if (numbers.getOrDefault(column, 0) > values.size()) {
        mixed.put(column, values.getFirst());
      }
    });
    return mixed;
  }

  /// A number as people write it: `8`, `1,000`, `$0.9`, `70B` and `8x7B` (billions), `350M`
  /// (millions, in billions), or a date such as `2024-05-13` or `2024-05`, in days.
  static OptionalDouble number(String text) {
    String plain = text.strip();
    Matcher size = WRITTEN_SIZE.matcher(plain);
    if (size.matches()) {
      double experts = size.group(1) == null ? 1 : Double.parseDouble(size.group(1));
      double unit = size.group(3).equalsIgnoreCase("m") ? 1e-3 : 1;
      return OptionalDouble.of(experts * Double.parseDouble(size.group(2)) * unit);
    }
    Matcher date = DATE.matcher(plain);
    if (date.matches()) {
      try {
        int day = date.group(3) == null ? 15 : Integer.parseInt(date.group(3));
        LocalDate written =
            LocalDate.of(Integer.parseInt(date.group(1)), Integer.parseInt(date.group(2)), day);
        return OptionalDouble.of((double) written.toEpochDay());
      } catch (DateTimeException e) {
        return OptionalDouble.empty();
      }
    }
    try {
      double value =
          Double.parseDouble(
              plain.replaceFirst("^[$€£]\\s*", "").replaceAll("(?<=\\d),(?=\\d{3}(\\D|$))", ""));
      return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }
}
