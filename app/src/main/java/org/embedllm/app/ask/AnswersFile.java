package org.embedllm.app.ask;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.embedllm.scoring.JudgeAgreement;
import org.embedllm.storage.BadInputException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The answers as JSON Lines, which `import` and `add` read. A line is written as soon as an answer
/// is scored. Safe for several threads.
final class AnswersFile implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final String JUDGE = "judge";
  private static final String BLIND = "judge_blind"; // the judge's score without the right answer
  private static final String RIGHT = "reference_score"; // that against the right answer
  private static final String JUDGE_COST = "judge_cost";

  /// An answer that an earlier run has written.
  ///
  /// @param score in [0, 1]; empty where no scorer could read it
  /// @param judge who gave the score; empty where that was no judge
  /// @param blind as it was measured
  /// @param usd what it and its judge cost; NaN where that is not known
  record Earlier(
      OptionalDouble score, String judge, Optional<AnswerScoring.Blind> blind, double usd) {}

  private final Path path;
  private final Map<String, Map<String, Earlier>> earlier;
  private final GrowingLines lines;

  private AnswersFile(Path path, Map<String, Map<String, Earlier>> earlier, GrowingLines lines) {
    this.path = path;
    this.earlier = earlier;
    this.lines = lines;
  }

  /// Opens a file, or makes it.
  ///
  /// @throws BadInputException where it holds something else, is a folder, a device or a pipe, or
  ///   another process is writing it
  static AnswersFile open(Path file) throws IOException {
    Map<String, Map<String, Earlier>> earlier = new HashMap<>();
    return new AnswersFile(
        file, earlier, GrowingLines.open(file, "{\"model_name\":\"", row -> take(earlier, row)));
  }

  /// What the models have written, by the question's id.
  static Map<String, List<JudgedPairs.Written>> written(Path file) throws IOException {
    Map<String, List<JudgedPairs.Written>> written = new HashMap<>();
    GrowingLines.read(
        file,
        row ->
            written
                .computeIfAbsent(row.path("prompt_id").asString(""), _ -> new ArrayList<>())
                .add(
                    new JudgedPairs.Written(
                        row.path("model_name").asString(""),
                        row.path("output").asString(""),
                        score(row))));
    written.values().forEach(all -> all.sort(Comparator.comparing(JudgedPairs.Written::model)));
    return written;
  }

  private static OptionalDouble score(JsonNode row) {
    JsonNode score = row.path("score");
    return score.isNumber() ? OptionalDouble.of(score.asDouble()) : OptionalDouble.empty();
  }

  /// What a model has answered already, by the question's id.
  Map<String, Earlier> earlier(String model) {
    return earlier.getOrDefault(model, Map.of());
  }

  /// Counts how far earlier runs have found that a judge can be believed.
  ///
  /// @throws BadInputException where another judge has scored some of the answers
  void count(String judge, JudgeAgreement.Counter agreement) {
    for (Map<String, Earlier> answers : earlier.values()) {
      for (Earlier answer : answers.values()) {
        if (!answer.judge().isEmpty() && !answer.judge().equals(judge)) {
          throw BadInputException.in(
              path,
              "holds scores of the judge \"%s\": name it again with --judge-name, or another file with --to"
                  .formatted(answer.judge()));
        }
        answer.blind().ifPresent(blind -> blind.count(agreement));
      }
    }
  }

  /// USD that all of it has cost, the judge's part included.
  double usd() {
    return earlier.values().stream()
        .flatMap(answers -> answers.values().stream())
        .mapToDouble(Earlier::usd)
        .filter(usd -> !Double.isNaN(usd))
        .sum();
  }

  private static boolean take(Map<String, Map<String, Earlier>> earlier, JsonNode row) {
    String model = row.path("model_name").asString("");
    String id = row.path("prompt_id").asString("");
    boolean asked = row.path("output").isString() && row.path("scorer").isString();
    if (model.isEmpty() || id.isEmpty() || !asked) {
      return false;
    }
    double judge = row.path(JUDGE_COST).asDouble(0);
    earlier
        .computeIfAbsent(model, _ -> new HashMap<>())
        .put(
            id,
            new Earlier(
                score(row),
                row.path(JUDGE).asString(""),
                row.path(BLIND).isNumber() && row.path(RIGHT).isNumber()
                    ? Optional.of(
                        new AnswerScoring.Blind(
                            row.path(BLIND).asDouble(), row.path(RIGHT).asDouble()))
                    : Optional.empty(),
                row.path("cost").asDouble(judge > 0 ? 0 : Double.NaN) + judge));
    return true;
  }

  /// Adds an answer; when this returns, the operating system has it.
  void add(AskedAnswer asked) {
    ObjectNode row = JSON.createObjectNode();
    row.put("model_name", asked.model());
    row.put("prompt_id", asked.asked().question().id());
    row.put("prompt", asked.asked().question().text());
    row.put("category", asked.asked().question().benchmark());
    if (asked.score().isPresent()) {
      row.put("score", asked.score().getAsDouble());
    } else {
      row.putNull("score");
    }
    row.put("output", asked.answer().text());
    row.put("reference", asked.asked().reference().answer());
    List<String> options = asked.asked().reference().options();
    if (options.isEmpty()) {
      row.putNull("options");
    } else {
      ArrayNode array = row.putArray("options");
      options.forEach(array::add);
    }
    row.put("input_tokens", asked.answer().inputTokens());
    row.put("output_tokens", asked.answer().outputTokens());
    if (Double.isNaN(asked.answer().usd())) {
      row.putNull("cost");
    } else {
      row.put("cost", asked.answer().usd());
    }
    row.put("latency", asked.answer().seconds());
    row.put("scorer", asked.scorer());
    asked.scored().judge().ifPresent(judge -> row.put(JUDGE, judge));
    asked
        .scored()
        .blind()
        .ifPresent(blind -> row.put(BLIND, blind.judged()).put(RIGHT, blind.right()));
    if (asked.scored().usd() > 0) {
      row.put(JUDGE_COST, asked.scored().usd());
    }
    lines.add(row);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
