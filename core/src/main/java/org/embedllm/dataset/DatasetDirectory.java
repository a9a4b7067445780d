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
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.embedllm.correctness.CellMeasures;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.source.file.CsvRows;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.AtomicDirectory;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.SingleWriter;
import org.embedllm.storage.StoredBytes;

/// The directory that an import makes. Standard files only:
///
/// - `dataset.json`: format version, counts, conflicts and split, and the source of each part
///   (file, format, bytes, SHA-256, rows),
/// - `questions.csv`: a row for each question in index order, see [QuestionsFile],
/// - `models.csv`: `model_name,call_cost`, a row for each model in index order,
/// - `responses.safetensors`, and where there are some `usage.safetensors` and `votes.safetensors`,
///   see [CellFiles],
/// - `outputs.jsonl.gz`: what models wrote, where it was kept, see [OutputsFile],
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
  private static final String USAGE = "usage.safetensors";
  private static final String VOTES = "votes.safetensors";
  private static final String OUTPUTS = "outputs.jsonl.gz";

  /// A data set has no less than this part of its sources: logs repeat texts in each answer.
  private static final long SMALLEST_SHARE = 200;

  private DatasetDirectory() {}

  /// Whether a path is a directory that an import made.
  public static boolean isDataset(Path folder) {
    return Files.isRegularFile(folder.resolve(DESCRIPTION));
  }

  /// Writes a data set atomically.
  ///
  /// @param force whether an existing data set is replaced
  /// @throws BadInputException when an existing file must not be replaced, or the directory cannot
  ///   be written
  public static void write(Dataset dataset, Path target, boolean force) {
    write(() -> dataset, target, force);
  }

  /// Reads a data set and writes it atomically; nobody else writes the place from the beginning of
  /// the reading, and no vectors are added to it that would be lost.
  ///
  /// @param force whether an existing data set is replaced
  /// @return what was read
  /// @throws BadInputException when an existing file must not be replaced, another process is
  ///   writing the directory, or it cannot be written
  public static Dataset write(Supplier<Dataset> reading, Path target, boolean force) {
    requireFree(target, force);
    try (SingleWriter writer = SingleWriter.of(target)) {
      requireFree(target, force); // Another import may have ended in the meantime.
      Dataset dataset = reading.get();
      write(dataset, target, writer);
      return dataset;
    } catch (IOException e) {
      throw DatasetTarget.failed(target, e);
    }
  }

  private static void write(Dataset dataset, Path target, SingleWriter writer) {
    try {
      AtomicFile.requireSpace(
          target, leastBytes(dataset) + StoredBytes.of(target.resolve(VECTORS)));
      AtomicDirectory.write(
          writer,
          folder -> {
            EvaluationData data = dataset.data();
            int cells = data.matrix().cellCount();
            QuestionsFile.write(dataset, folder.resolve(QUESTIONS));
            writeModels(dataset, folder.resolve(MODELS));
            CellFiles.writeResponses(data.matrix(), folder.resolve(RESPONSES));
            Map<String, String> digests = new TreeMap<>();
            digests.put(QUESTIONS, StatedDigest.of(folder.resolve(QUESTIONS)));
            digests.put(MODELS, StatedDigest.of(folder.resolve(MODELS)));
            if (!data.measures().measures().isEmpty()) {
              CellFiles.writeUsage(data.measures(), cells, folder.resolve(USAGE));
              digests.put(USAGE, StatedDigest.of(folder.resolve(USAGE)));
            }
            if (!data.votes().isEmpty()) {
              CellFiles.writeVotes(data.votes(), folder.resolve(VOTES));
              digests.put(VOTES, StatedDigest.of(folder.resolve(VOTES)));
            }
            if (!dataset.outputs().isEmpty()) {
              OutputsFile.write(dataset.outputs(), cells, folder.resolve(OUTPUTS));
              digests.put(OUTPUTS, StatedDigest.of(folder.resolve(OUTPUTS)));
            }
            keepVectors(target.resolve(VECTORS), folder.resolve(VECTORS));
            Files.write(
                folder.resolve(DESCRIPTION),
                DatasetDescription.of(dataset, digests).toJson().getBytes(StandardCharsets.UTF_8));
          });
    } catch (IOException | UncheckedIOException e) {
      throw DatasetTarget.failed(target, e);
    }
  }

  /// Bytes that a data set takes, without the texts of answers, which are compressed.
  private static long leastBytes(Dataset dataset) {
    EvaluationData data = dataset.data();
    CorrectnessMatrix matrix = data.matrix();
    long bytes =
        Long.BYTES * (1L + matrix.questionCount())
            + (long) matrix.cellCount() * (Integer.BYTES + Float.BYTES)
            + (long) matrix.cellCount() * Double.BYTES * data.measures().measures().size();
    for (Question question : matrix.questions()) {
      bytes += question.text().length();
    }
    return bytes;
  }

  /// Vectors belong to texts, not to an import. Those of a replaced data set are kept, and the next
  /// encoding uses those that still fit.
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

  /// Refuses a target that a write would refuse, before hours of computation.
  ///
  /// @throws BadInputException when the target exists and must not be replaced
  public static void requireFree(Path target, boolean force) {
    DatasetTarget.requireFree(target, force);
  }

  /// Refuses a target whose disk is full, before hours of reading.
  ///
  /// @param sources what will be imported: files and folders
  /// @throws BadInputException where the disk has less space than the smallest data set of such
  ///   sources takes
  public static void requireSpace(Path target, List<Path> sources) {
    try {
      long bytes = 0;
      for (Path source : sources) {
        bytes += StoredBytes.of(source);
      }
      AtomicFile.requireSpace(target, bytes / SMALLEST_SHARE);
    } catch (IOException | UncheckedIOException e) {
      // A source that cannot be read has an error of its own.
      return;
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

  /// The digest that a data set states of itself, without reading it; empty where the folder is no
  /// data set.
  ///
  /// @throws BadInputException when its description is damaged
  public static Optional<String> digest(Path folder) {
    return isDataset(folder)
        ? Optional.of(DatasetDescription.read(folder.resolve(DESCRIPTION)).digest())
        : Optional.empty();
  }

  /// What a data set says of its import, without reading its answers.
  ///
  /// @throws BadInputException when the directory is no data set, or its description is damaged
  public static ImportReport report(Path folder) {
    return DatasetDescription.read(folder.resolve(DESCRIPTION)).report();
  }

  /// Names of a data set's models, in its order.
  ///
  /// @throws BadInputException when the directory is no data set, or the file is damaged
  public static List<String> models(Path folder) {
    return readModels(folder.resolve(MODELS), new HashMap<>());
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
    requireUnaltered(folder, description);
    QuestionsFile questions =
        QuestionsFile.read(folder.resolve(QUESTIONS), description.attributes());
    Map<String, Double> costs = new HashMap<>();
    List<String> models = readModels(folder.resolve(MODELS), costs);
    CorrectnessMatrix matrix =
        CellFiles.readResponses(folder.resolve(RESPONSES), models, questions.questions());
    EvaluationData data;
    try {
      data =
          EvaluationData.of(
              matrix,
              questions.split(),
              costs,
              extra(folder, USAGE, description, CellFiles::readUsage).orElse(CellMeasures.NONE),
              extra(folder, VOTES, description, CellFiles::readVotes).orElse(List.of()));
    } catch (IllegalArgumentException e) {
      throw BadInputException.in(
          altered(folder, description),
          "was altered: %s; import the data again".formatted(e.getMessage()),
          e);
    }
    if (!data.digest().equals(description.digest())) {
      throw BadInputException.in(
          altered(folder, description),
          "was altered: questions, models and responses do not have the digest that "
              + DESCRIPTION
              + " states; import the data again");
    }
    return new Dataset(
        data,
        questions.groups(),
        questions.references(),
        outputs(folder, description),
        description.report(),
        Optional.of(folder));
  }

  /// Where questions and models have digests of their own, only the responses can be altered.
  private static Path altered(Path folder, DatasetDescription description) {
    boolean rest = description.digests().keySet().containsAll(List.of(QUESTIONS, MODELS));
    return rest ? folder.resolve(RESPONSES) : folder;
  }

  /// What a file holds that not every data set has.
  private static <T> Optional<T> extra(
      Path folder, String name, DatasetDescription description, Function<Path, T> reader) {
    return description.digests().containsKey(name)
        ? Optional.of(reader.apply(folder.resolve(name)))
        : Optional.empty();
  }

  private static AnswerOutputs outputs(Path folder, DatasetDescription description) {
    Path file = folder.resolve(OUTPUTS);
    Optional<String> digest = Optional.ofNullable(description.digests().get(OUTPUTS));
    // Data sets without a digest of their models are older; they are read without texts too.
    boolean expected = digest.isPresent() && description.digests().containsKey(MODELS);
    return expected || Files.isRegularFile(file)
        ? new OutputsFile(file, digest)
        : AnswerOutputs.NONE;
  }

  /// Answers' texts can be long: they are compared when they are read.
  private static void requireUnaltered(Path folder, DatasetDescription description) {
    description
        .digests()
        .forEach((name, digest) -> {
          if (!name.equals(OUTPUTS)) {
            StatedDigest.require(folder.resolve(name), digest);
          }
        });
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
}
