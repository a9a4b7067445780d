package org.embedllm.dataset;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.file.CsvRows;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.AtomicDirectory;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.Safetensors;

/// The directory that an import makes. Standard files only:
///
/// - `dataset.json`: format version, counts, how conflicts and the split were settled, and where
///   each part came from (file, format, bytes, SHA-256, rows),
/// - `questions.csv`: `prompt_id,prompt,category,split,group`, a row for each question in index
///   order; an empty `prompt_id` says that the text is the id,
/// - `models.csv`: `model_name,call_cost`, a row for each model in index order,
/// - `responses.safetensors`: `question_offsets` int64 [n + 1], `model_index` int32 [cells],
///   `score` float32 [cells]: the cells of question j are `question_offsets[j]` to
///   `question_offsets[j + 1]`,
/// - `vectors/`: question vectors, put there by encoders.
///
/// The same data gives the same bytes.
public final class DatasetDirectory {
  /// Where encoders keep question vectors.
  public static final String VECTORS = "vectors";

  private static final String DESCRIPTION = "dataset.json";
  private static final String QUESTIONS = "questions.csv";
  private static final String MODELS = "models.csv";
  private static final String RESPONSES = "responses.safetensors";

  private DatasetDirectory() {}

  /// Whether a path is a directory that an import made.
  public static boolean isDataset(Path folder) {
    return Files.isRegularFile(folder.resolve(DESCRIPTION));
  }

  /// Writes a data set; it is there complete, or it is not there.
  ///
  /// @param force whether a data set that stands there is replaced
  /// @throws BadInputException when something stands there that must not be replaced, or the
  ///   directory cannot be written
  public static void write(Dataset dataset, Path target, boolean force) {
    requireFree(target, force);
    try {
      AtomicDirectory.write(
          target,
          folder -> {
            writeQuestions(dataset, folder.resolve(QUESTIONS));
            writeModels(dataset, folder.resolve(MODELS));
            writeResponses(dataset.data().matrix(), folder.resolve(RESPONSES));
            keepVectors(target.resolve(VECTORS), folder.resolve(VECTORS));
            Files.write(
                folder.resolve(DESCRIPTION),
                DatasetDescription.of(dataset).toJson().getBytes(StandardCharsets.UTF_8));
          });
    } catch (IOException | UncheckedIOException e) {
      throw DatasetTarget.failed(target, e);
    }
  }

  /// Vectors belong to texts, not to an import: those of a data set that is replaced are kept, and
  /// whoever encodes next finds what still fits.
  private static void keepVectors(Path from, Path to) throws IOException {
    if (!Files.isDirectory(from)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path path : (Iterable<Path>) tree::iterator) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }

  /// Refuses a target that a write would refuse, before hours are spent on what is to be written.
  ///
  /// @throws BadInputException when something stands at the target that must not be replaced
  public static void requireFree(Path target, boolean force) {
    DatasetTarget.requireFree(target, force);
  }

  private static void writeQuestions(Dataset dataset, Path file) throws IOException {
    CorrectnessMatrix matrix = dataset.data().matrix();
    try (CsvWriter csv = CsvWriter.builder().build(file)) {
      csv.writeRecord("prompt_id", "prompt", "category", "split", "group");
      for (int j = 0; j < matrix.questionCount(); j++) {
        Question question = matrix.questions().get(j);
        csv.writeRecord(
            question.id().equals(question.text()) ? "" : question.id(),
            question.text(),
            question.benchmark(),
            dataset.data().split().part(j).label(),
            dataset.groups().getOrDefault(question.id(), ""));
      }
    }
  }

  private static void writeModels(Dataset dataset, Path file) throws IOException {
    try (CsvWriter csv = CsvWriter.builder().build(file)) {
      csv.writeRecord("model_name", "call_cost");
      for (String model : dataset.data().matrix().models()) {
        Double cost = dataset.data().callCosts().get(model);
        csv.writeRecord(model, cost == null ? "" : cost.toString());
      }
    }
  }

  private static void writeResponses(CorrectnessMatrix matrix, Path file) throws IOException {
    int n = matrix.questionCount();
    int cells = matrix.cellCount();
    long[] offsets = new long[n + 1];
    for (int j = 0; j <= n; j++) {
      offsets[j] = matrix.firstCell(j);
    }
    int[] models = new int[cells];
    float[] scores = new float[cells];
    for (int c = 0; c < cells; c++) {
      models[c] = matrix.cellModel(c);
      scores[c] = matrix.cellScore(c);
    }
    new Safetensors.Writer()
        .longs("question_offsets", offsets, n + 1)
        .ints("model_index", models, cells)
        .floats("score", scores, cells)
        .write(file);
  }

  /// The digest that a data set states of itself, without reading it; empty where the folder is no
  /// data set.
  ///
  /// @throws BadInputException when its description is damaged
  public static Optional<String> digest(Path folder) {
    return isDataset(folder)
        ? Optional.of(DatasetDescription.read(folder.resolve(DESCRIPTION)).digest())
        : Optional.empty();
  }

  /// Reads a data set and checks it against its digest.
  ///
  /// @throws BadInputException when the directory is no data set, or a file of it is absent,
  ///   damaged or altered
  public static Dataset read(Path folder) {
    if (!isDataset(folder)) {
      throw BadInputException.in(folder, "is no data set directory: it has no " + DESCRIPTION);
    }
    DatasetDescription description = DatasetDescription.read(folder.resolve(DESCRIPTION));
    Map<String, String> groups = new HashMap<>();
    List<Question> questions = new ArrayList<>();
    QuestionSplit split = readQuestions(folder.resolve(QUESTIONS), questions, groups);
    Map<String, Double> costs = new HashMap<>();
    List<String> models = readModels(folder.resolve(MODELS), costs);
    CorrectnessMatrix matrix = readResponses(folder.resolve(RESPONSES), models, questions);
    EvaluationData data = EvaluationData.of(matrix, split, costs);
    if (!data.digest().equals(description.digest())) {
      throw BadInputException.in(
          folder,
          "was altered: its questions, models and responses do not have the digest that "
              + DESCRIPTION
              + " states; import it again");
    }
    return new Dataset(
            data,
            description.splitBrought(),
            description.conflictRule(),
            description.conflicts(),
            description.unobservedRows(),
            description.sharedPrompts(),
            groups,
            description.sources(),
            description.remarks(),
            Optional.empty())
        .in(folder);
  }

  private static QuestionSplit readQuestions(
      Path file, List<Question> questions, Map<String, String> groups) {
    List<SplitPart> parts = new ArrayList<>();
    readTable(
        file,
        List.of("prompt_id", "prompt", "category", "split", "group"),
        (line, values) -> {
          String id = values[0].isEmpty() ? values[1] : values[0];
          questions.add(new Question(id, values[1], values[2]));
          parts.add(part(file, line, values[3]));
          if (!values[4].isEmpty()) {
            groups.put(id, values[4]);
          }
        });
    return QuestionSplit.of(parts);
  }

  private static SplitPart part(Path file, long line, String label) {
    for (SplitPart part : SplitPart.values()) {
      if (part.label().equals(label)) {
        return part;
      }
    }
    throw BadInputException.at(
        file, line, "split must be train, val or test; got \"" + label + "\"");
  }

  private static List<String> readModels(Path file, Map<String, Double> costs) {
    List<String> models = new ArrayList<>();
    readTable(
        file,
        List.of("model_name", "call_cost"),
        (line, values) -> {
          models.add(values[0]);
          if (!values[1].isEmpty()) {
            try {
              costs.put(values[0], Double.valueOf(values[1]));
            } catch (NumberFormatException e) {
              throw BadInputException.at(
                  file, line, "call_cost must be a number; got \"" + values[1] + "\"");
            }
          }
        });
    return models;
  }

  private static void readTable(Path file, List<String> columns, CsvRows.RowConsumer consumer) {
    try (SourceFile source = SourceFile.open(file, ImportProgress.NONE)) {
      CsvRows.read(
          source,
          header -> {
            if (!header.equals(columns)) {
              throw BadInputException.at(
                  file,
                  1,
                  "must have the columns %s; has %s"
                      .formatted(String.join(",", columns), String.join(",", header)));
            }
            int[] all = new int[columns.size()];
            java.util.Arrays.setAll(all, c -> c);
            return all;
          },
          consumer);
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }

  private static CorrectnessMatrix readResponses(
      Path file, List<String> models, List<Question> questions) {
    try {
      Safetensors tensors = Safetensors.open(file);
      long[] offsets = tensors.longs("question_offsets");
      int[] narrow = new int[offsets.length];
      for (int j = 0; j < offsets.length; j++) {
        narrow[j] = Math.toIntExact(offsets[j]);
      }
      return CorrectnessMatrix.ofCells(
          models, questions, narrow, tensors.ints("model_index"), tensors.floats("score"));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw BadInputException.in(file, "does not fit the data set: " + e.getMessage(), e);
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }
}
