package org.embedllm.source.table;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.embedllm.correctness.Measure;
import org.embedllm.source.ColumnRole;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.ScoreScale;
import org.embedllm.source.file.Origin;
import org.embedllm.storage.BadInputException;

/// Which columns of a table mean what, and which of them a row is read for. Names are compared
/// without regard to case; `-` counts as `_`.
final class TableColumns {
  /// What precedes the name of an attribute in the name of its column.
  static final String ATTRIBUTE = "attribute:";

  /// The column that our own tables keep groups in, beside the split they were made for.
  private static final String GROUP = "group";

  private static final Pattern JUDGE = Pattern.compile("(annotator|judge|rater)_?\\d+");

  /// Names of the right answer in a table that has no models, so that it cannot be a model's.
  private static final List<String> ANSWER = List.of("answer", "target", "gold");

  /// The role of the column of each measure.
  static final Map<ColumnRole, Measure> MEASURES =
      new EnumMap<>(
          Map.of(
              ColumnRole.INPUT_TOKENS,
              Measure.INPUT_TOKENS,
              ColumnRole.OUTPUT_TOKENS,
              Measure.OUTPUT_TOKENS,
              ColumnRole.COST,
              Measure.COST,
              ColumnRole.LATENCY,
              Measure.SECONDS,
              ColumnRole.WEIGHT,
              Measure.REPEATS,
              ColumnRole.SCORE_VARIANCE,
              Measure.SCORE_VARIANCE));

  private final Origin at;
  private final List<String> header;
  private final ImportOptions options;
  private final Map<ColumnRole, String> roles = new EnumMap<>(ColumnRole.class);
  private final Map<String, String> attributes = new LinkedHashMap<>(); // column by name
  private final List<String> judges = new ArrayList<>();
  private final List<WideColumns> wide = new ArrayList<>();
  private Optional<String> group = Optional.empty();

  private TableColumns(Origin at, List<String> header, ImportOptions options) {
    this.at = at;
    this.header = header;
    this.options = options;
  }

  /// Finds the columns of a header.
  ///
  /// @param at the place of the header
  /// @throws BadInputException when a column that is needed is absent or there twice
  static TableColumns find(Origin at, List<String> header, TableRequests requests) {
    TableColumns columns = new TableColumns(at, header, requests.options());
    columns.named(requests);
    columns.recognised();
    requests.table(at.file(), header, columns.roles);
    columns.requireUsable();
    return columns;
  }

  /// The columns that were asked for.
  private void named(TableRequests requests) {
    options
        .table()
        .columns()
        .forEach((role, name) ->
            column(name)
                .ifPresent(column -> {
                  roles.put(role, column);
                  requests.met(name);
                }));
    options
        .attributes()
        .forEach((attribute, name) ->
            column(name)
                .or(() -> column(ATTRIBUTE + name))
                .ifPresent(column -> {
                  attributes.put(attribute, column);
                  requests.met(name);
                }));
    options
        .split()
        .groupColumn()
        .ifPresent(name -> {
          group = column(name);
          group.ifPresent(column -> requests.met(name));
        });
    wide.addAll(WideColumns.find(header, options.table().wide()));
  }

  /// A column by its exact name, or by the name in other letters.
  private Optional<String> column(String name) {
    return header.contains(name)
        ? Optional.of(name)
        : header.stream().filter(name::equalsIgnoreCase).findFirst();
  }

  private void recognised() {
    for (ColumnRole role : ColumnRole.values()) {
      if (!roles.containsKey(role) && isWanted(role)) {
        recognised(role.names()).ifPresent(column -> roles.put(role, column));
      }
    }
    boolean asked = !options.table().wide().isEmpty();
    if (!asked && !has(ColumnRole.MODEL)) {
      wide.addAll(WideColumns.recognise(header));
    }
    if (!has(ColumnRole.MODEL) && !isWide() && !has(ColumnRole.REFERENCE)) {
      recognised(ANSWER).ifPresent(column -> roles.put(ColumnRole.REFERENCE, column));
    }
    for (String column : header) {
      if (column.startsWith(ATTRIBUTE) && !attributes.containsValue(column)) {
        attributes.put(column.substring(ATTRIBUTE.length()), column);
      }
      if (JUDGE.matcher(ColumnNames.normal(column)).matches()) {
        judges.add(column);
      }
    }
    if (group.isEmpty() && has(ColumnRole.SPLIT)) {
      group = column(GROUP);
    }
  }

  /// A split that is there means nothing where a new one is asked for; a wide table has its scores
  /// under the models' names.
  private boolean isWanted(ColumnRole role) {
    return switch (role) {
      case SPLIT -> options.split().shares().isEmpty();
      case MODEL, SCORE -> wide.isEmpty();
      case ID, QUESTION, BENCHMARK, COST, INPUT_TOKENS, OUTPUT_TOKENS, OUTPUT_CHARACTERS -> true;
      case LATENCY, OUTPUT, REFERENCE, OPTIONS, WEIGHT, SCORE_VARIANCE -> true;
      case MODEL_A, MODEL_B, WINNER -> true;
    };
  }

  private Optional<String> recognised(List<String> names) {
    for (String name : names) {
      List<String> found =
          header.stream()
              .filter(column -> ColumnNames.normal(column).equals(name))
              .filter(column -> !roles.containsValue(column))
              .toList();
      if (found.size() > 1) {
        throw at.problem("column " + name + " is there twice in the header");
      }
      if (!found.isEmpty()) {
        return Optional.of(found.getFirst());
      }
    }
    return Optional.empty();
  }

  private void requireUsable() {
    boolean hasModel = has(ColumnRole.MODEL) || isWide();
    boolean describes =
        has(ColumnRole.REFERENCE) || has(ColumnRole.OPTIONS) || !attributes.isEmpty();
    if (!has(ColumnRole.ID) && !has(ColumnRole.QUESTION)) {
      throw missing(
          "needs a column with the question's text (%s) or its id (%s)"
              .formatted(names(ColumnRole.QUESTION), names(ColumnRole.ID)));
    }
    if (!hasModel && !hasVotes() && !describes && group.isEmpty()) {
      throw missing("needs a column that names the model (" + names(ColumnRole.MODEL) + ")");
    }
    boolean measured =
        has(ColumnRole.OUTPUT)
            || has(ColumnRole.OUTPUT_CHARACTERS)
            || MEASURES.keySet().stream().anyMatch(roles::containsKey);
    if (has(ColumnRole.MODEL) && !has(ColumnRole.SCORE) && !hasVotes() && !measured && !describes) {
      throw missing("needs a column with the score (" + names(ColumnRole.SCORE) + ")");
    }
  }

  private static String names(ColumnRole role) {
    return String.join(", ", role.names());
  }

  private BadInputException missing(String what) {
    return at.problem(what + "; " + advice());
  }

  /// The columns found, the nearest role of each, and the command line that reads the table.
  String advice() {
    return new ColumnAdvice(List.of(at.file()), header, roles, options).text();
  }

  /// The range that the scores of a column seem to have.
  ///
  /// @param value one of them
  Optional<ScoreScale> range(String column, String value) {
    List<String> first = TableSample.of(at.file(), header).values(column);
    return ColumnValues.scale(Stream.concat(first.stream(), Stream.of(value)));
  }

  boolean has(ColumnRole role) {
    return roles.containsKey(role);
  }

  boolean hasVotes() {
    return has(ColumnRole.MODEL_A) && has(ColumnRole.MODEL_B) && has(ColumnRole.WINNER);
  }

  boolean isWide() {
    return !wide.isEmpty();
  }

  /// The models of a wide table.
  List<WideColumns> wide() {
    return wide;
  }

  /// Name of the column of a role, such as the one with the score.
  String name(ColumnRole role) {
    return roles.getOrDefault(role, role.label());
  }

  /// Column of each attribute by the attribute's name.
  Map<String, String> attributes() {
    return attributes;
  }

  Optional<String> group() {
    return group;
  }

  /// Columns with the judgement of one judge each.
  List<String> judges() {
    return judges;
  }

  /// Whether fractions and words are scores; a label is 0 or 1 and nothing else.
  boolean graded() {
    return isWide()
        || options.table().columns().containsKey(ColumnRole.SCORE)
        || !options.table().scale().isUnit()
        || ColumnNames.normal(name(ColumnRole.SCORE)).equals("score");
  }

  /// Names of all columns that a row is read for, each once. Texts of answers are long and read
  /// only where they are kept.
  List<String> wanted() {
    Set<String> wanted = new java.util.LinkedHashSet<>();
    roles.forEach((role, column) -> {
      if (role != ColumnRole.OUTPUT || options.outputsKept()) {
        wanted.add(column);
      }
    });
    wanted.addAll(attributes.values());
    group.ifPresent(wanted::add);
    if (hasVotes()) {
      wanted.addAll(judges);
    }
    for (WideColumns model : wide) {
      wanted.add(model.model());
      model
          .others()
          .forEach((role, column) -> {
            if (role != ColumnRole.OUTPUT || options.outputsKept()) {
              wanted.add(column);
            }
          });
    }
    return List.copyOf(wanted);
  }

  ImportOptions options() {
    return options;
  }
}
