package org.embedllm.ingest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.JsonRecords;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Files that people have and that hold no answers, or none that can be read: named for what they
/// look like, instead of being called an invalid table.
final class ForeignFormat {
  /// @param looksLike what the file is, behind "is"
  /// @param remedy what to do
  private record Known(Predicate<SourcePreview> test, String looksLike, String remedy) {}

  private static final List<Known> KNOWN =
      List.of(
          bytes("PK\003\004", "a zip archive or a workbook", "unpack it, or save the sheet as CSV"),
          bytes(
              "\200",
              "a Python pickle",
              "write it as Parquet: pandas.read_pickle(FILE).to_parquet(\"FILE.parquet\")"),
          bytes("SQLite format 3", "a SQLite database", "export the table as CSV"),
          bytes("ARROW1", "an Arrow file", "write it as Parquet"),
          bytes("\223NUMPY", "a numpy array", "vectors are taken by encode --vectors"),
          bytes("(\265/\375", "compressed with zstd", "unpack it"),
          bytes("BZh", "compressed with bzip2", "unpack it"),
          bytes("\3757zXZ", "compressed with xz", "unpack it"),
          bytes("%PDF", "a PDF", "take the data behind it"),
          bytes("<!DOCTYPE", "a web page", "download the file behind it"),
          bytes("<html", "a web page", "download the file behind it"),
          bytes(
              "version https://git-lfs",
              "a pointer of Git LFS and not the file",
              "get the file with git lfs pull"),
          json(
              "a results file of the lm-evaluation-harness, which has means only",
              "run it with --log_samples and import the folder",
              "results",
              "configs",
              "versions"),
          json(
              "a results file of LightEval, which has means only",
              "run it with --save-details and import the folder details",
              "results",
              "config_general"),
          json(
              "a score file of BFCL, which has wrong answers only",
              "import the folder with result and score",
              "accuracy",
              "correct_count",
              "total_count"),
          json(
              "a run specification of HELM",
              "import the folder of the run",
              "name",
              "scenario_spec",
              "adapter_spec"),
          json(
              "samples of code that were not evaluated",
              "run evalplus.evaluate and import the _eval_results.json",
              "task_id",
              "solution"),
          json(
              "samples of code that were not evaluated",
              "run evalplus.evaluate and import the _eval_results.json",
              "task_id",
              "completion"),
          json(
              "a file of requests to a batch API",
              "ask, score the answers, and import a table with model, prompt and score",
              "custom_id",
              "method",
              "url"),
          json(
              "the output of a batch API, which has no scores",
              "score the answers and import a table with model, prompt and score",
              "custom_id",
              "response"),
          json(
              "a file of model outputs for AlpacaEval",
              "import the annotations.json that alpaca_eval wrote",
              "instruction",
              "output",
              "generator"));

  private ForeignFormat() {}

  private static Known bytes(String start, String looksLike, String remedy) {
    return new Known(file -> file.start().startsWith(start), looksLike, remedy);
  }

  private static Known json(String looksLike, String remedy, String... fields) {
    return new Known(file -> file.hasFields(fields) && !file.hasFields("score"), looksLike, remedy);
  }

  /// What is to be said of a file that no particular layout has recognised; empty where it may be a
  /// table.
  static Optional<String> problem(SourcePreview file) {
    return KNOWN.stream()
        .filter(known -> known.test().test(file))
        .findFirst()
        .map(known -> "is %s; %s".formatted(known.looksLike(), known.remedy()))
        .or(() -> lines(file))
        .or(() -> document(file));
  }

  /// JSON Lines under the name of a CSV file.
  private static Optional<String> lines(SourcePreview file) {
    String text = file.start().stripLeading();
    boolean json = text.startsWith("{\"") || text.matches("(?s)\\[\\s*\\{.*");
    return json && file.lowerName().matches(".*\\.csv(\\.gz)?")
        ? Optional.of(
            "is named as CSV and looks like JSON Lines; read it with --format jsonl, or name it .jsonl")
        : Optional.empty();
  }

  /// One JSON object over many lines is valid, but no table.
  private static Optional<String> document(SourcePreview file) {
    String text = file.start().stripLeading();
    int end = text.indexOf('\n');
    boolean overLines = end > 0 && !text.substring(0, end).stripTrailing().endsWith("}");
    if (file.isFolder() || !text.startsWith("{") || !overLines) {
      return Optional.empty();
    }
    return Optional.of(
        "is one JSON document with the fields %s, a layout that is not known; write an object for each answer, one a line, with model, prompt and score"
            .formatted(String.join(", ", fields(text))));
  }

  private static List<String> fields(String text) {
    List<String> names = new ArrayList<>();
    try (JsonParser parser = JsonRecords.JSON.createParser(text)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME && names.size() < 12) {
        names.add(parser.currentName());
        parser.nextToken();
        parser.skipChildren();
      }
    } catch (JacksonException e) {
      return names; // The beginning ends here.
    }
    return names;
  }
}
