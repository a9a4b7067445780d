package org.embedllm.dataset;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.embedllm.correctness.AttributeValue;
import org.embedllm.correctness.Attributes;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.Reference;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.file.CsvRows;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// `questions.csv`: `prompt_id,prompt,category,split,group`, then `reference,options` where some
/// question has them, then `attribute:NAME` for each attribute; a row for each question in index
/// order. An empty `prompt_id` says that the text is the id.
final class QuestionsFile {
  /// What precedes an attribute's name in the name of its column.
  static final String ATTRIBUTE = "attribute:";

  private static final List<String> COLUMNS =
      List.of("prompt_id", "prompt", "category", "split", "group");
  private static final String REFERENCE = "reference";
  private static final String OPTIONS = "options";

  private final Path file;
  private final List<Question> questions = new ArrayList<>();
  private final List<SplitPart> parts = new ArrayList<>();
  private final Map<String, String> groups = new HashMap<>();
  private final Map<String, Reference> references = new HashMap<>();
  private List<String> header = List.of();

  private QuestionsFile(Path file) {
    this.file = file;
  }

  /// Reads a file.
  ///
  /// @param numbers whether each attribute, by its name, is a number; else it is a text
  /// @throws BadInputException when it is no such file
  static QuestionsFile read(Path file, Map<String, Boolean> numbers) {
    QuestionsFile read = new QuestionsFile(file);
    try (SourceFile source = SourceFile.open(file, ImportProgress.NONE)) {
      CsvRows.read(source, read::columns, (line, values) -> read.row(line, values, numbers));
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
    return read;
  }

  List<Question> questions() {
    return questions;
  }

  QuestionSplit split() {
    return QuestionSplit.of(parts);
  }

  Map<String, String> groups() {
    return groups;
  }

  Map<String, Reference> references() {
    return references;
  }

  private int[] columns(List<String> names) {
    if (names.size() < COLUMNS.size() || !names.subList(0, COLUMNS.size()).equals(COLUMNS)) {
      throw BadInputException.at(
          file,
          1,
          "must have the columns %s; has %s"
              .formatted(String.join(",", COLUMNS), String.join(",", names)));
    }
    header = names;
    int[] all = new int[names.size()];
    java.util.Arrays.setAll(all, c -> c);
    return all;
  }

  private void row(long line, String[] values, Map<String, Boolean> numbers) {
    String id = values[0].isEmpty() ? values[1] : values[0];
    Map<String, AttributeValue> attributes = new TreeMap<>();
    String answer = "";
    List<String> options = List.of();
    for (int c = COLUMNS.size(); c < values.length; c++) {
      String value = values[c];
      String column = header.get(c);
      if (value.isEmpty()) {
        continue;
      }
      if (column.startsWith(ATTRIBUTE)) {
        String name = column.substring(ATTRIBUTE.length());
        attributes.put(name, attribute(line, name, value, numbers));
      } else if (column.equals(REFERENCE)) {
        answer = value;
      } else if (column.equals(OPTIONS)) {
        options = options(line, value);
      }
    }
    questions.add(new Question(id, values[1], values[2], Attributes.of(attributes)));
    parts.add(
        SplitPart.labeled(values[3])
            .orElseThrow(() ->
                BadInputException.at(
                    file, line, "split must be train, val or test; got \"" + values[3] + "\"")));
    if (!values[4].isEmpty()) {
      groups.put(id, values[4]);
    }
    if (!answer.isEmpty() || !options.isEmpty()) {
      references.put(id, new Reference(answer, options));
    }
  }

  private AttributeValue attribute(
      long line, String name, String value, Map<String, Boolean> numbers) {
    if (!numbers.getOrDefault(name, false)) {
      return new AttributeValue.Text(value);
    }
    try {
      return new AttributeValue.Numeric(Double.parseDouble(value));
    } catch (IllegalArgumentException e) {
      throw BadInputException.at(
          file, line, "%s must be a number; got \"%s\"".formatted(name, value));
    }
  }

  private List<String> options(long line, String json) {
    try {
      return JsonRecords.JSON
          .readTree(json)
          .valueStream()
          .map(option -> option.asString(""))
          .toList();
    } catch (JacksonException e) {
      throw BadInputException.at(file, line, "options must be a JSON array of texts");
    }
  }

  /// Writes the questions of a data set.
  static void write(Dataset dataset, Path file) throws IOException {
    List<Question> questions = dataset.data().matrix().questions();
    List<String> attributes = attributes(questions);
    boolean references = !dataset.references().isEmpty();
    List<String> header = new ArrayList<>(COLUMNS);
    if (references) {
      header.add(REFERENCE);
      header.add(OPTIONS);
    }
    attributes.forEach(name -> header.add(ATTRIBUTE + name));
    try (CsvWriter csv = CsvWriter.builder().build(file)) {
      csv.writeRecord(header);
      for (int j = 0; j < questions.size(); j++) {
        Question question = questions.get(j);
        List<String> row = new ArrayList<>(header.size());
        row.add(question.id().equals(question.text()) ? "" : question.id());
        row.add(question.text());
        row.add(question.benchmark());
        row.add(dataset.data().split().part(j).label());
        row.add(dataset.groups().getOrDefault(question.id(), ""));
        if (references) {
          Reference reference = dataset.references().getOrDefault(question.id(), Reference.NONE);
          row.add(reference.answer());
          row.add(options(reference));
        }
        for (String name : attributes) {
          row.add(question.attributes().get(name).map(Object::toString).orElse(""));
        }
        csv.writeRecord(row);
      }
    }
  }

  /// Names of the attributes that some question has, sorted.
  static List<String> attributes(List<Question> questions) {
    TreeSet<String> names = new TreeSet<>();
    questions.forEach(question -> names.addAll(question.attributes().names()));
    return List.copyOf(names);
  }

  /// The options as a JSON array; empty where there are none.
  static String options(Reference reference) {
    if (reference.options().isEmpty()) {
      return "";
    }
    JsonNode array = JsonRecords.JSON.valueToTree(reference.options());
    return array.toString();
  }
}
