package org.embedllm.source.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.correctness.Measure;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.SourceFile;
import tools.jackson.databind.JsonNode;

/// The Berkeley Function Calling Leaderboard: `result/<model>/…/BFCL_v3_<task>_result.json` has all
/// answers, `score/<model>/…/BFCL_v3_<task>_score.json` those that are wrong, the task files
/// `BFCL_v3_<task>.json` the questions, and files of that name in `possible_answer` the right
/// answers. All are JSON Lines.
public final class BfclLayout extends LogLayout {
  private static final Pattern NAME = Pattern.compile("BFCL_v\\d+_(.+?)(_result|_score)?\\.jsonl?");

  private static final String RIGHT_ANSWER = "ground_truth";

  public BfclLayout(ImportOptions options) {
    super("bfcl", options);
  }

  @Override
  boolean isLog(SourcePreview file) {
    Matcher matcher = NAME.matcher(String.valueOf(file.path().getFileName()));
    return !file.isFolder()
        && matcher.matches()
        && !"_score".equals(matcher.group(2))
        && ("_result".equals(matcher.group(2))
            ? file.hasFields("id", "result")
            : file.hasFields("id", "question") || file.hasFields("id", RIGHT_ANSWER));
  }

  @Override
  void read(SourceFile file, Log log) throws IOException {
    Matcher matcher = NAME.matcher(String.valueOf(file.path().getFileName()));
    if (!matcher.matches()) {
      throw org.embedllm.storage.BadInputException.in(
          file.path(), "is not named like a file of BFCL, BFCL_v3_<task>_result.json");
    }
    String task = matcher.group(1);
    if (matcher.group(2) == null) {
      records(file, log, (line, record) -> log.question(question(task, record), line));
      return;
    }
    Path folder = file.path().toAbsolutePath().normalize();
    int at = resultFolder(folder);
    String model =
        at < 0 || at + 1 >= folder.getNameCount() - 1 ? "" : folder.getName(at + 1).toString();
    Path scores = at < 0 ? folder : scores(folder, at);
    if (at < 0 || !Files.isRegularFile(scores)) {
      log.skip(
          task,
          "%s: left out, there is no score file %s; run bfcl evaluate".formatted(model, scores));
      return;
    }
    Scores found = scores(scores, task, log);
    records(
        file,
        log,
        (line, record) -> {
          String id = JsonFields.text(record.path("id"));
          Entry asked =
              found.questions().getOrDefault(id, new Entry(task, record).question(id, ""));
          log.answer(
              asked
                  .measure(Measure.INPUT_TOKENS, sum(record.path("input_token_count")))
                  .measure(Measure.OUTPUT_TOKENS, sum(record.path("output_token_count")))
                  .measure(Measure.COST, record.path("cost"))
                  .measure(Measure.SECONDS, sum(record.path("latency")))
                  .output(
                      record.path("result").isString()
                          ? JsonFields.text(record.path("result"))
                          : record.path("result").toString()),
              model,
              found.wrong().contains(id) ? 0 : 1,
              line);
        });
  }

  /// Place of the folder `result` (or `result-…`) in a path, or -1.
  private static int resultFolder(Path path) {
    for (int i = path.getNameCount() - 2; i >= 0; i--) {
      if (path.getName(i).toString().startsWith("result")) {
        return i;
      }
    }
    return -1;
  }

  private static Path scores(Path result, int at) {
    Path path = result.getRoot();
    for (int i = 0; i < result.getNameCount(); i++) {
      String name = result.getName(i).toString();
      String own =
          i == at
              ? "score" + name.substring("result".length())
              : i == result.getNameCount() - 1 ? name.replace("_result.", "_score.") : name;
      path = path == null ? Path.of(own) : path.resolve(own);
    }
    return path == null ? result : path;
  }

  /// What a score file says: only wrong answers are in it, with their questions.
  private record Scores(Set<String> wrong, Map<String, Entry> questions) {}

  private static Scores scores(Path path, String task, Log log) throws IOException {
    Set<String> wrong = new HashSet<>();
    Map<String, Entry> questions = new HashMap<>();
    try (SourceFile file = SourceFile.open(path, ImportProgress.NONE)) {
      new JsonRecords(file, Set.of())
          .read(
              (line, record) -> {
                String id = JsonFields.text(record.path("id"));
                if (id.isEmpty() || record.path("valid").asBoolean(false)) {
                  return; // The first line has the totals.
                }
                wrong.add(id);
                JsonNode prompt = record.path("prompt");
                if (prompt.has("question")) {
                  questions.put(id, question(task, prompt).question(id, text(prompt)));
                }
              },
              (line, problem) -> log.problem(path + ":" + line + ": " + problem));
    }
    return new Scores(wrong, questions);
  }

  private static Entry question(String task, JsonNode record) {
    JsonNode right = record.path(RIGHT_ANSWER);
    return new Entry(task, record)
        .question(JsonFields.text(record.path("id")), text(record))
        .reference(right.isContainer() ? right.toString() : JsonFields.text(right), List.of());
  }

  private static String text(JsonNode record) {
    return JsonFields.userText(record.path("question"));
  }

  /// The sum of a number, or of all the numbers of the turns of a conversation; NaN without any.
  private static double sum(JsonNode node) {
    if (!node.isArray()) {
      return JsonFields.number(node);
    }
    double sum = 0;
    for (JsonNode part : node) {
      sum += sum(part);
    }
    return node.isEmpty() ? Double.NaN : sum;
  }
}
