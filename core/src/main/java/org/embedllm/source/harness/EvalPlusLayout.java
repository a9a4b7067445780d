package org.embedllm.source.harness;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.JsonDocument;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.SourceFile;
import tools.jackson.databind.JsonNode;

/// Results of EvalPlus, `<model>_<backend>_temp_<t>_eval_results.json`. They have no question
/// texts: the task file (`HumanEvalPlus.jsonl`, `MbppPlus.jsonl`) is read beside them.
public final class EvalPlusLayout extends LogLayout {
  private static final Pattern NAME =
      Pattern.compile("(.+?)(?:_[a-z]+_temp_([0-9.]+))?[_-]eval_results\\.json(?:\\.gz)?");

  public EvalPlusLayout(ImportOptions options) {
    super("evalplus", options);
  }

  @Override
  boolean isLog(SourcePreview file) {
    return isResults(file) || isTasks(file);
  }

  private static boolean isResults(SourcePreview file) {
    return file.hasFields("eval", "hash")
        && (file.start().contains("\"HumanEval/") || file.start().contains("\"Mbpp/"));
  }

  private static boolean isTasks(SourcePreview file) {
    return file.hasFields("task_id", "prompt", "entry_point", "canonical_solution");
  }

  @Override
  void read(SourceFile file, Log log) {
    if (isTasks(new SourcePreview(file.path()))) {
      records(
          file,
          log,
          (line, task) -> {
            String id = JsonFields.text(task.path("task_id"));
            log.question(
                new Entry(benchmark(id), task)
                    .question(id, JsonFields.text(task.path("prompt")))
                    .reference(JsonFields.text(task.path("canonical_solution")), List.of()),
                line);
          });
      return;
    }
    String model = model(file.path());
    JsonNode results =
        JsonDocument.read(file, List.of(""), Set.of(), (line, before, element) -> {}).path("eval");
    results.forEachEntry((id, answers) -> take(id, answers, model, log));
  }

  private static String benchmark(String id) {
    int slash = id.indexOf('/');
    return (slash < 0 ? id : id.substring(0, slash)).toLowerCase(Locale.ROOT);
  }

  /// The model in a file's name, `--` for `/`; a temperature other than 0 is another model.
  private static String model(Path file) {
    String name = String.valueOf(file.getFileName());
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      Path folder = file.toAbsolutePath().getParent();
      String plain = name.replaceFirst("\\.json(\\.gz)?$", "");
      if (folder != null && plain.equals("eval_results")) {
        plain = String.valueOf(folder.getFileName());
      }
      return plain.replace("--", "/");
    }
    String temperature = matcher.group(2);
    boolean greedy = temperature == null || Double.parseDouble(temperature) == 0;
    String model = matcher.group(1).replace("--", "/");
    return greedy ? model : model + " [temperature=" + temperature + "]";
  }

  private void take(String id, JsonNode answers, String model, Log log) {
    String benchmark = benchmark(id);
    String tests = options().tasks().metric(benchmark).orElse("plus");
    // Before 0.2.1: {"base": [["pass", ...]], "plus": [...]} instead of a list of answers.
    JsonNode older = answers.isObject() ? older(answers, tests) : answers;
    for (JsonNode answer : older) {
      log.answer(
          new Entry(benchmark, answer)
              .question(id, "")
              .output(JsonFields.text(answer.path("solution"))),
          model,
          answers.isObject() ? passed(answer.path(0)) : score(answer, tests),
          0);
    }
  }

  private static JsonNode older(JsonNode answers, String tests) {
    JsonNode plus = answers.path("plus");
    return tests.equals("base") || plus.isEmpty() ? answers.path("base") : plus;
  }

  /// Right is what passes the tests of the benchmark, and by default those that EvalPlus added.
  private static double score(JsonNode answer, String tests) {
    double base = passed(answer.path("base_status"));
    JsonNode plus = answer.path("plus_status");
    return tests.equals("base") || !plus.isString() ? base : Math.min(base, passed(plus));
  }

  private static double passed(JsonNode status) {
    return status.isString() ? (status.asString().equals("pass") ? 1 : 0) : Double.NaN;
  }
}
