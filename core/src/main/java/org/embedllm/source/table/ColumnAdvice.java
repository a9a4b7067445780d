package org.embedllm.source.table;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.embedllm.source.ColumnRole;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.Grouping;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.ScoreScale;
import org.embedllm.source.SplitShares;
import org.embedllm.source.file.ShellWords;

/// What to say of a table whose columns do not fit: the columns found, the nearest role of each,
/// and the command line that reads the table, with whatever else was asked for. What the names do
/// not say, the values of the first rows do.
final class ColumnAdvice {
  private static final int MOST_COLUMNS = 40;
  private static final String PLACEHOLDER = "COLUMN";

  private final List<Path> files;
  private final List<String> header;
  private final Map<ColumnRole, String> known;
  private final ImportOptions options;
  private final ColumnValues values;

  /// @param files the tables; the first one is that whose columns these are
  /// @param header its columns
  /// @param known columns whose role is known, by role
  /// @param options what was asked for
  ColumnAdvice(
      List<Path> files, List<String> header, Map<ColumnRole, String> known, ImportOptions options) {
    this.files = List.copyOf(files);
    this.header = List.copyOf(header);
    this.known = new EnumMap<>(ColumnRole.class);
    this.known.putAll(known);
    this.options = options;
    this.values = new ColumnValues(TableSample.of(files.getFirst(), header));
  }

  String text() {
    Map<ColumnRole, String> guesses = guesses();
    List<String> shown =
        header.stream()
            .limit(MOST_COLUMNS)
            .map(column -> column.isEmpty() ? "(no name)" : column)
            .collect(Collectors.toCollection(ArrayList::new));
    if (header.size() > MOST_COLUMNS) {
      shown.add("%d more".formatted(header.size() - MOST_COLUMNS));
    }
    Map<ColumnRole, String> nearest = new EnumMap<>(ColumnRole.class);
    nearest.putAll(guesses);
    nearest.putAll(known);
    String roles =
        nearest.entrySet().stream()
            .map(entry -> entry.getKey().label() + "=" + entry.getValue())
            .collect(Collectors.joining(", "));
    String absent = absent();
    String command = command(guesses);
    boolean better =
        !(guesses.isEmpty() && absent.isEmpty())
            || command.contains("=" + PLACEHOLDER)
            || (options.table().wide().isEmpty() && command.contains(" --wide "));
    return "%s%sfound columns %s; nearest roles: %s%s"
        .formatted(
            absent,
            isVotes(nearest) ? "it looks like votes, two models and who won; " : "",
            String.join(", ", shown),
            roles.isEmpty() ? "none" : roles,
            better ? "; to read it: " + command : "");
  }

  /// The columns that were asked for and are not there.
  private String absent() {
    String absent =
        options.table().columns().entrySet().stream()
            .filter(entry -> column(entry.getValue()).isEmpty())
            .sorted(Map.Entry.comparingByKey())
            .map(entry ->
                "there is no column %s for --column %s=%s"
                    .formatted(entry.getValue(), entry.getKey().label(), entry.getValue()))
            .collect(Collectors.joining("; "));
    return absent.isEmpty() ? "" : absent + "; ";
  }

  /// The command line that reads the table.
  String command() {
    return command(guesses());
  }

  /// The column of a name, in these or other letters.
  private Optional<String> column(String name) {
    return header.contains(name)
        ? Optional.of(name)
        : header.stream().filter(name::equalsIgnoreCase).findFirst();
  }

  /// The column that is nearest to each role that is not known, each column once.
  private Map<ColumnRole, String> guesses() {
    Map<ColumnRole, String> byName = new EnumMap<>(ColumnRole.class);
    options
        .table()
        .columns()
        .forEach((role, asked) -> {
          if (!known.containsKey(role)) {
            ColumnNames.like(asked, free(byName)).ifPresent(column -> byName.put(role, column));
          }
        });
    for (String column : free(byName)) {
      ColumnNames.nearest(column)
          .filter(role -> !known.containsKey(role))
          .ifPresent(role -> byName.putIfAbsent(role, column));
    }
    Map<ColumnRole, String> guesses = new EnumMap<>(ColumnRole.class);
    guesses.putAll(values.kept(byName, known));
    if (!options.table().wide().isEmpty()) {
      return guesses;
    }
    Map<ColumnRole, String> all = new EnumMap<>(ColumnRole.class);
    all.putAll(guesses);
    all.putAll(known);
    if (isVotes(all)) {
      guesses.remove(ColumnRole.MODEL);
      guesses.remove(ColumnRole.SCORE);
      if (!all.containsKey(ColumnRole.QUESTION)) {
        values
            .question(free(all), all.containsKey(ColumnRole.ID))
            .ifPresent(column -> guesses.put(ColumnRole.QUESTION, column));
      }
      return guesses;
    }
    List<String> unnamed =
        free(all).stream().filter(column -> ColumnNames.nearest(column).isEmpty()).toList();
    values.guess(unnamed, all);
    for (ColumnRole role : List.of(ColumnRole.QUESTION, ColumnRole.MODEL, ColumnRole.SCORE)) {
      String column = all.get(role);
      if (column != null && !known.containsKey(role)) {
        guesses.put(role, column);
      }
    }
    return guesses;
  }

  private static boolean isVotes(Map<ColumnRole, String> roles) {
    return roles.containsKey(ColumnRole.MODEL_A) && roles.containsKey(ColumnRole.MODEL_B);
  }

  /// Columns without a role; of an object with fields, the fields.
  private List<String> free(Map<ColumnRole, String> taken) {
    return header.stream()
        .filter(column -> !column.isBlank())
        .filter(column -> !known.containsValue(column) && !taken.containsValue(column))
        .filter(column -> header.stream().noneMatch(other -> other.startsWith(column + ".")))
        .toList();
  }

  private String command(Map<ColumnRole, String> guesses) {
    StringBuilder command = new StringBuilder("embedllm import");
    files.forEach(file -> command.append(' ').append(ShellWords.quoted(file.toString())));
    Map<ColumnRole, String> columns = new EnumMap<>(ColumnRole.class);
    options
        .table()
        .columns()
        .forEach((role, name) -> column(name).ifPresent(c -> columns.put(role, c)));
    columns.putAll(guesses);
    Map<ColumnRole, String> all = new EnumMap<>(columns);
    all.putAll(known);
    List<String> models = isVotes(all) ? List.of() : models(columns);
    EnumSet<ColumnRole> needed = EnumSet.noneOf(ColumnRole.class);
    if (isVotes(all)) {
      needed.add(ColumnRole.WINNER);
    } else if (models.isEmpty() && options.table().wide().isEmpty()) {
      needed.addAll(List.of(ColumnRole.MODEL, ColumnRole.SCORE));
    }
    if (!known.containsKey(ColumnRole.ID) && !columns.containsKey(ColumnRole.ID)) {
      needed.add(ColumnRole.QUESTION);
    }
    needed.removeAll(known.keySet());
    needed.forEach(role -> columns.putIfAbsent(role, PLACEHOLDER));
    if (!models.isEmpty()) {
      columns.remove(ColumnRole.MODEL);
      columns.remove(ColumnRole.SCORE);
      columns.values().removeIf(column -> models.stream().anyMatch(column::startsWith));
    }
    String score = columns.getOrDefault(ColumnRole.SCORE, known.getOrDefault(ColumnRole.SCORE, ""));
    boolean label = !score.isEmpty() && !ColumnNames.normal(score).equals("score");
    if (label && !values.isLabelsOnly(score)) {
      columns.put(ColumnRole.SCORE, score); // A label that is named is a score.
    }
    columns.forEach((role, column) -> add(command, "--column", role.label() + "=" + column));
    List<String> wide = options.table().wide().isEmpty() ? models : options.table().wide();
    if (!wide.isEmpty()) {
      add(command, "--wide", String.join(",", wide));
    }
    scale(models.isEmpty() ? List.of(score) : models)
        .ifPresent(scale -> add(command, "--scale", scale.toString()));
    others(command);
    return command.append(" --to DATASET").toString();
  }

  /// The range that was asked for, unless there are scores outside of it.
  private Optional<ScoreScale> scale(List<String> columns) {
    ScoreScale asked = options.table().scale();
    return asked.isUnit() ? values.scale(columns) : Optional.of(asked);
  }

  /// The other options that were given; an attribute or a group whose column is not there gets the
  /// nearest one, or is left out.
  private void others(StringBuilder command) {
    options.format().ifPresent(format -> add(command, "--format", format));
    Map<String, String> attributes = new LinkedHashMap<>();
    options
        .attributes()
        .forEach((name, column) ->
            column(column)
                .or(() -> column(TableColumns.ATTRIBUTE + column).map(found -> column))
                .or(() -> ColumnNames.like(column, header))
                .ifPresent(found -> attributes.put(name, found)));
    attributes.forEach((name, column) ->
        add(command, "--attribute", name.equals(column) ? name : name + "=" + column));
    switch (options.split().grouping()) {
      case Grouping.None none -> {}
      case Grouping.Similar similar -> add(command, "--group", "similar");
      case Grouping.Column(String name) ->
          column(name)
              .or(() -> ColumnNames.like(name, header))
              .ifPresent(found -> add(command, "--group", found));
    }
    options.split().shares().ifPresent(shares -> add(command, "--split", written(shares)));
    if (options.split().seed() != 0) {
      add(command, "--seed", Long.toString(options.split().seed()));
    }
    if (options.conflicts() != ConflictRule.MEAN) {
      add(command, "--conflicts", options.conflicts().name().toLowerCase(Locale.ROOT));
    }
    if (options.outputsKept()) {
      command.append(" --keep-outputs");
    }
  }

  /// Shares as `--split` takes them.
  private static String written(SplitShares shares) {
    double rest = 1 - shares.train() - shares.validation();
    return Stream.of(shares.train(), shares.validation(), Math.max(0, rest))
        .map(share -> BigDecimal.valueOf(100 * share).setScale(4, RoundingMode.HALF_EVEN))
        .map(share -> share.stripTrailingZeros().toPlainString())
        .collect(Collectors.joining("/"));
  }

  private static void add(StringBuilder command, String option, String value) {
    command.append(' ').append(option).append(' ').append(ShellWords.quoted(value));
  }

  /// The columns that are left where no column names the model or the score: each may be a model.
  private List<String> models(Map<ColumnRole, String> columns) {
    if (known.containsKey(ColumnRole.MODEL)
        || known.containsKey(ColumnRole.SCORE)
        || columns.containsKey(ColumnRole.MODEL)
        || columns.containsKey(ColumnRole.SCORE)
        || !options.table().wide().isEmpty()) {
      return List.of();
    }
    List<String> rest =
        free(columns).stream().filter(column -> !column.contains(",")).limit(MOST_COLUMNS).toList();
    List<String> scored = rest.stream().filter(values::isScores).toList();
    // A column that is named after a model has its cost or the like.
    List<String> models =
        WideColumns.find(header, scored.size() < 2 ? rest : scored).stream()
            .map(WideColumns::model)
            .toList();
    return models.size() < 2 ? List.of() : models;
  }
}
