package org.embedllm.facts;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Utf8Text;

/// A CSV of facts: a row for each model, with the column `model` and any others, such as
/// `parameters`, `family`, `date` or `price`. Stateless.
public final class FactsFile {
  private FactsFile() {}

  /// Facts by model and column, in the order of the file.
  ///
  /// @throws BadInputException when it has no column `model`, names a model twice or not at all, or
  ///   is no CSV in UTF-8
  public static Map<String, Map<String, String>> read(Path file) throws IOException {
    Map<String, Map<String, String>> facts = new LinkedHashMap<>();
    try (CsvReader<NamedCsvRecord> csv =
        CsvReader.builder().ofNamedCsvRecord(Utf8Text.open(file))) {
      for (NamedCsvRecord row : csv) {
        Map<String, String> columns = new TreeMap<>(row.getFieldsAsMap());
        String byName = columns.remove("model_name");
        String given = columns.remove("model");
        String model = given != null ? given.strip() : byName != null ? byName.strip() : null;
        if (model == null) {
          throw BadInputException.at(
              file, row.getStartingLineNumber(), "has no column model: name the models in it");
        }
        if (model.isEmpty() || facts.putIfAbsent(model, columns) != null) {
          throw BadInputException.at(
              file,
              row.getStartingLineNumber(),
              model.isEmpty() ? "names no model" : "names the model \"" + model + "\" again");
        }
      }
    } catch (CsvParseException e) {
      throw BadInputException.notCsv(file, e);
    }
    if (facts.isEmpty()) {
      throw BadInputException.in(
          file, "names no model: it needs a header and a row for each model");
    }
    return facts;
  }
}
