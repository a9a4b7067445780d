package org.embedllm.source.table;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.embedllm.correctness.MeanScore;
import org.embedllm.correctness.Measure;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Reference;
import org.embedllm.correctness.SplitPart;
import org.embedllm.correctness.Vote;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.ColumnRole;
import org.embedllm.source.ScoreScale;
import org.embedllm.source.Scores;
import org.embedllm.source.SourceAnswer;
import org.embedllm.source.SourceQuestion;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.Origin;
import org.embedllm.source.file.ShellWords;
import tools.jackson.core.JacksonException;

/// Takes the values of one row, in the order of [TableColumns#wanted].
final class TableRow {
  /// Where the values of one model's answer are in a row; -1 where there is none.
  private record AnswerPlaces(int score, Map<ColumnRole, Integer> others) {}

  /// A model of a wide table.
  private record WideModel(String name, AnswerPlaces places) {}

  private static final int CHARACTERS_OF_A_TOKEN = 4;

  private final TableColumns columns;
  private final AnswerSink sink;
  private final Optional<SplitPart> part;
  private final Map<String, Integer> places = new HashMap<>();
  private final Map<ColumnRole, Integer> roles = new EnumMap<>(ColumnRole.class);
  private final AnswerPlaces answer;
  private final List<WideModel> wide;
  private final ScoreScale scale;
  private final boolean describes;
  private String rawText = "";
  private String text = "";

  TableRow(TableColumns columns, AnswerSink sink, Optional<SplitPart> part) {
    this.columns = columns;
    this.sink = sink;
    this.part = part;
    this.scale = columns.options().table().scale();
    List<String> wanted = columns.wanted();
    for (int i = 0; i < wanted.size(); i++) {
      places.put(wanted.get(i), i);
    }
    for (ColumnRole role : ColumnRole.values()) {
      Integer place = places.get(columns.name(role));
      if (columns.has(role) && place != null) {
        roles.put(role, place);
      }
    }
    this.answer = new AnswerPlaces(roles.getOrDefault(ColumnRole.SCORE, -1), measured(roles));
    this.wide = columns.wide().stream().map(this::model).toList();
    this.describes =
        columns.has(ColumnRole.REFERENCE)
            || columns.has(ColumnRole.OPTIONS)
            || columns.group().isPresent()
            || !columns.attributes().isEmpty();
    advise();
  }

  private WideModel model(WideColumns model) {
    Map<ColumnRole, Integer> others = new EnumMap<>(ColumnRole.class);
    model
        .others()
        .forEach((role, column) -> {
          Integer place = places.get(column);
          if (place != null) {
            others.put(role, place);
          }
        });
    return new WideModel(
        model.model(), new AnswerPlaces(places.getOrDefault(model.model(), -1), measured(others)));
  }

  private static Map<ColumnRole, Integer> measured(Map<ColumnRole, Integer> roles) {
    Map<ColumnRole, Integer> measured = new EnumMap<>(ColumnRole.class);
    roles.forEach((role, place) -> {
      if (TableColumns.MEASURES.containsKey(role)
          || role == ColumnRole.OUTPUT_CHARACTERS
          || role == ColumnRole.OUTPUT) {
        measured.put(role, place);
      }
    });
    return measured;
  }

  /// A table without texts or scores joins others; where there are none, this is what helps.
  private void advise() {
    boolean scored = columns.has(ColumnRole.SCORE) || columns.hasVotes() || columns.isWide();
    if (!scored || !columns.has(ColumnRole.QUESTION)) {
      sink.advise(columns.advice());
    }
  }

  void take(Origin at, String[] values) {
    int question = question(at, values);
    if (describes) {
      describe(question, at, values);
    }
    for (WideModel model : wide) {
      answer(question, sink.model(model.name()), model.places(), model.name(), at, values);
    }
    boolean voted = columns.hasVotes() && !value(ColumnRole.MODEL_A, values).isEmpty();
    if (voted) {
      vote(question, at, values);
    }
    if (columns.has(ColumnRole.MODEL)) {
      String model = value(ColumnRole.MODEL, values);
      if (!model.isEmpty()) {
        answer(question, sink.model(model), answer, columns.name(ColumnRole.SCORE), at, values);
      } else if (!voted) {
        throw at.problem("the model's name is empty");
      }
    }
  }

  private String value(ColumnRole role, String[] values) {
    Integer place = roles.get(role);
    return place == null ? "" : values[place];
  }

  private int question(Origin at, String[] values) {
    String id = value(ColumnRole.ID, values);
    if (columns.has(ColumnRole.ID) && id.isEmpty()) {
      throw at.problem(columns.name(ColumnRole.ID) + " is empty");
    }
    String raw = value(ColumnRole.QUESTION, values);
    if (columns.has(ColumnRole.QUESTION) && raw.isEmpty()) {
      throw at.problem("the question's text is empty");
    }
    if (!raw.equals(rawText)) {
      rawText = raw;
      text = ChatPrompt.text(raw);
    }
    return sink.question(
        new SourceQuestion(
            part.isPresent() ? part : ownPart(at, values),
            columns.has(ColumnRole.ID) ? Optional.of(id) : Optional.empty(),
            text,
            columns.has(ColumnRole.BENCHMARK)
                ? value(ColumnRole.BENCHMARK, values)
                : Question.NO_BENCHMARK),
        at);
  }

  private Optional<SplitPart> ownPart(Origin at, String[] values) {
    String name = value(ColumnRole.SPLIT, values).strip().toLowerCase(Locale.ROOT);
    return switch (name) {
      case "" -> Optional.empty();
      case "train" -> Optional.of(SplitPart.TRAIN);
      case "val", "validation", "valid", "dev" -> Optional.of(SplitPart.VALIDATION);
      case "test" -> Optional.of(SplitPart.TEST);
      default ->
          throw at.problem(
              "%s must be train, val or test; got \"%s\"; give --split 80/10/10 to split again"
                  .formatted(columns.name(ColumnRole.SPLIT), name));
    };
  }

  private void describe(int question, Origin at, String[] values) {
    columns
        .attributes()
        .forEach((name, column) -> {
          String value = values[places.getOrDefault(column, 0)];
          sink.attribute(question, name, Scores.isMissing(value) ? "" : value, at);
        });
    columns
        .group()
        .map(column -> values[places.getOrDefault(column, 0)])
        .filter(group -> !group.isEmpty())
        .ifPresent(group -> sink.group(question, group));
    String right = value(ColumnRole.REFERENCE, values);
    List<String> options = options(value(ColumnRole.OPTIONS, values));
    if (!right.isEmpty() || !options.isEmpty()) {
      sink.reference(question, new Reference(right, options));
    }
  }

  /// The elements of a JSON array; none where it is something else.
  private static List<String> options(String json) {
    if (!json.startsWith("[")) {
      return List.of();
    }
    try {
      return JsonRecords.JSON
          .readTree(json)
          .valueStream()
          .map(option -> option.isContainer() ? option.toString() : option.asString(""))
          .toList();
    } catch (JacksonException e) {
      return List.of();
    }
  }

  private void answer(
      int question, int model, AnswerPlaces at, String scoreName, Origin origin, String[] values) {
    float score = at.score() < 0 ? Float.NaN : score(values[at.score()], scoreName, origin);
    boolean unobserved = at.score() >= 0 && Float.isNaN(score);
    Map<Measure, Double> measures = measures(at.others(), values, origin);
    Integer outputPlace = at.others().get(ColumnRole.OUTPUT);
    String output = outputPlace == null ? "" : values[outputPlace];
    boolean bare = measures.isEmpty() && output.isEmpty();
    if (unobserved || (at.score() >= 0 && bare)) {
      sink.answer(question, model, score, origin);
    }
    if (at.score() < 0 || !bare) {
      sink.answer(question, model, new SourceAnswer(score, measures, output), origin);
    }
  }

  private Map<Measure, Double> measures(
      Map<ColumnRole, Integer> measured, String[] values, Origin at) {
    if (measured.isEmpty()) {
      return Map.of();
    }
    Map<Measure, Double> measures = new EnumMap<>(Measure.class);
    measured.forEach((role, place) -> {
      String value = values[place];
      Measure measure = TableColumns.MEASURES.get(role);
      if (role == ColumnRole.OUTPUT
          || role == ColumnRole.SCORE_VARIANCE
          || Scores.isMissing(value)) {
        return;
      }
      double number = number(role, value, at);
      if (measure != null) {
        measures.put(measure, number);
      } else {
        measures.putIfAbsent(Measure.OUTPUT_TOKENS, number / CHARACTERS_OF_A_TOKEN);
      }
    });
    Integer variance = measured.get(ColumnRole.SCORE_VARIANCE);
    if (variance != null
        && measures.getOrDefault(Measure.REPEATS, 1.0) >= 2
        && !Scores.isMissing(values[variance])) {
      measures.put(Measure.SCORE_VARIANCE, scoreVariance(values[variance], at));
    }
    return measures;
  }

  private static double number(ColumnRole role, String text, Origin at) {
    boolean positive = role == ColumnRole.WEIGHT;
    try {
      double number = Double.parseDouble(text.strip());
      if (number >= 0 && number < Double.POSITIVE_INFINITY && !(positive && number == 0)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Falls through to the same error as a negative number.
    }
    throw at.problem(
        "%s must be a number%s; got \"%s\""
            .formatted(
                role == ColumnRole.COST ? "a cost in USD" : role.label(),
                positive ? " above 0" : ", 0 or more",
                text));
  }

  /// A variance on the scale of the scores as one of scores in [0, 1].
  private double scoreVariance(String text, Origin at) {
    double number = number(ColumnRole.SCORE_VARIANCE, text, at);
    double width = scale.high() - scale.low();
    double variance = number / (width * width);
    if (variance > MeanScore.MOST_VARIANCE) {
      throw at.problem(
          "%s must be at most %s, the sample variance of the two scores %s; got %s"
              .formatted(
                  ColumnRole.SCORE_VARIANCE.label(),
                  MeanScore.MOST_VARIANCE * width * width,
                  range(),
                  number));
    }
    return variance;
  }

  private float score(String value, String name, Origin at) {
    float score = columns.graded() ? Scores.score(value, scale) : Scores.label(value);
    if (score == Scores.NOT_A_SCORE) {
      throw at.problem(
          "%s must be %s; got \"%s\"; %s"
              .formatted(
                  name,
                  columns.graded() ? "between %s".formatted(range()) : "0 or 1",
                  value,
                  remedy(value, name)));
    }
    return score;
  }

  private String range() {
    return scale.toString().replace("..", " and ");
  }

  private String remedy(String value, String name) {
    if (!columns.graded() && Scores.score(value) != Scores.NOT_A_SCORE) {
      return "to import fractions and words, name the column score: --column score="
          + ShellWords.quoted(name);
    }
    Optional<ScoreScale> range =
        ColumnValues.scale(Stream.of(value)).flatMap(outside -> columns.range(name, value));
    if (range.isEmpty()) {
      return columns.graded()
          ? "write a number or a word such as pass or fail; leave it empty where there is no answer"
          : "write 1 for right and 0 for wrong";
    }
    return columns.graded()
        ? "give the range of the scores: --scale " + range.get()
        : "to import scores of another range: --column score=%s --scale %s"
            .formatted(ShellWords.quoted(name), range.get());
  }

  private void vote(int question, Origin at, String[] values) {
    String modelA = value(ColumnRole.MODEL_A, values);
    String modelB = value(ColumnRole.MODEL_B, values);
    String winner = value(ColumnRole.WINNER, values);
    if (modelB.isEmpty()) {
      throw at.problem("the second model's name is empty");
    }
    if (winner.isBlank()) {
      return;
    }
    sink.vote(
        question,
        sink.model(modelA),
        sink.model(modelB),
        winner(winner, modelA, modelB, at),
        judges(at, values),
        at);
  }

  private static Vote.Winner winner(String winner, String modelA, String modelB, Origin at) {
    if (winner.equals(modelA)) {
      return Vote.Winner.MODEL_A;
    }
    if (winner.equals(modelB)) {
      return Vote.Winner.MODEL_B;
    }
    return switch (ColumnNames.normal(winner)) {
      case "model_a", "model_1", "1", "a" -> Vote.Winner.MODEL_A;
      case "model_b", "model_2", "2", "b" -> Vote.Winner.MODEL_B;
      case "tie", "0", "draw" -> Vote.Winner.TIE;
      case "tie_(bothbad)", "bothbad", "both_bad" -> Vote.Winner.BOTH_BAD;
      default ->
          throw at.problem(
              "winner must be model_a, model_b, tie or the name of one of the two models; got \"%s\""
                  .formatted(winner));
    };
  }

  /// How many judges stand behind a vote: the weight, or the columns of judges that are filled, or
  /// one.
  private int judges(Origin at, String[] values) {
    String weight = value(ColumnRole.WEIGHT, values);
    if (!Scores.isMissing(weight)) {
      return (int) Math.max(1, Math.round(number(ColumnRole.WEIGHT, weight, at)));
    }
    long filled =
        columns.judges().stream()
            .filter(judge -> !values[places.getOrDefault(judge, 0)].isBlank())
            .count();
    return (int) Math.max(1, filled);
  }
}
