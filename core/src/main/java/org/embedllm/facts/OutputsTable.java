package org.embedllm.facts;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Utf8Text;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A table of answers' texts, without scores: CSV or JSON Lines with `model_name` and `output`, and
/// where it is known `benchmark`.
public final class OutputsTable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private OutputsTable() {}

  /// Texts by model, at most [ModelOutputs#MOST_TEXTS] each.
  ///
  /// @throws BadInputException when a row has no model or no text, or the file is none of both
  public static Map<String, List<ModelOutputs.Text>> read(Path file) throws IOException {
    Map<String, List<ModelOutputs.Text>> texts = new LinkedHashMap<>();
    try {
      if (file.toString().endsWith(".jsonl")) {
        lines(file, texts);
      } else {
        rows(file, texts);
      }
    } catch (CsvParseException | UncheckedIOException | JacksonException e) {
      if (e.getCause() instanceof IOException || e.getCause() instanceof BadInputException) {
        throw SourceFile.failed(file, 0, e);
      }
      throw BadInputException.in(file, "is neither CSV nor JSON Lines (.jsonl): " + e.getMessage());
    }
    if (texts.isEmpty()) {
      throw BadInputException.in(file, "has no row");
    }
    texts.replaceAll((model, all) -> ModelOutputs.spaced(all));
    return texts;
  }

  private static void rows(Path file, Map<String, List<ModelOutputs.Text>> texts)
      throws IOException {
    try (CsvReader<NamedCsvRecord> csv =
        CsvReader.builder().maxBufferSize(1 << 26).ofNamedCsvRecord(Utf8Text.open(file))) {
      for (NamedCsvRecord row : csv) {
        add(
            texts,
            row.findField("model_name").or(() -> row.findField("model")).orElse(""),
            new ModelOutputs.Text(
                row.findField("benchmark").or(() -> row.findField("category")).orElse(""),
                row.findField("output").orElse("")),
            file,
            row.getStartingLineNumber());
      }
    }
  }

  private static void lines(Path file, Map<String, List<ModelOutputs.Text>> texts)
      throws IOException {
    try (BufferedReader lines = new BufferedReader(Utf8Text.open(file))) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          JsonNode row = JSON.readTree(line);
          add(
              texts,
              row.path("model_name").asString(row.path("model").asString("")),
              new ModelOutputs.Text(
                  row.path("benchmark").asString(row.path("category").asString("")),
                  row.path("output").asString("")),
              file,
              number);
        }
      }
    }
  }

  private static void add(
      Map<String, List<ModelOutputs.Text>> texts,
      String model,
      ModelOutputs.Text output,
      Path file,
      long line) {
    if (model.isBlank() || output.text().isBlank()) {
      throw BadInputException.at(
          file, line, "needs a model (model_name) and the text of its answer (output)");
    }
    texts.computeIfAbsent(model.strip(), m -> new ArrayList<>()).add(output);
  }
}
