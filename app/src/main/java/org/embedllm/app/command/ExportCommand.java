package org.embedllm.app.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.task.DatasetVectors;
import org.embedllm.app.task.ModelInput;
import org.embedllm.correctness.Question;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.ExportTable;
import org.embedllm.dataset.ExportTables;
import org.embedllm.dataset.TableFile;
import org.embedllm.dataset.TableFile.Formulas;
import org.embedllm.factorization.ModelEmbeddings;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.VectorStore;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm export MODEL|DATASET --to FILE`: numbers for other programs.
@Command(
    name = "export",
    description = "Writes embeddings, answers or question vectors for other programs.",
    footer = {
      "",
      "Of a model: embeddings (canonical, whose distances say how differently two models answer;",
      "the default) or raw (rows of P as trained).",
      "Of a data set: matrix (a row for each question, a column for each model; the default),",
      "responses (a row for each answer, can be imported again) or vectors (of the questions).",
      "",
      "A .npy file holds the values alone; NAME.rows.csv and NAME.columns.csv beside it name them.",
      "",
      "In CSV files, texts that a spreadsheet would run as formulas (they start with = + - or @) get",
      "an apostrophe in front. A last column, formula_escape, says so, and import removes it again.",
    })
public final class ExportCommand implements Callable<Integer> {
  @Mixin private Console console;

  @Parameters(paramLabel = "MODEL|DATASET", description = "Model file, or data set.")
  private Path source = Path.of("");

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FILE",
      description = "File to write, ending in .csv, .parquet or .npy.")
  private Path target = Path.of("");

  @Option(
      names = "--what",
      paramLabel = "WHAT",
      description = "embeddings, raw, matrix, responses or vectors; see below.")
  private @Nullable String what;

  @Option(
      names = "--encoder",
      paramLabel = "ID",
      description = "The encoder, where a data set has vectors of several.")
  private @Nullable String encoder;

  @Option(
      names = "--raw-text",
      description =
          "Write texts that start with = + - or @ to CSV as they are. Spreadsheets may run them.")
  private boolean rawText;

  @Override
  public Integer call() throws IOException {
    AtomicFile.requirePlace(target);
    ExportTable table = isModel(source) ? ofModel() : ofDataset();
    List<Path> files = TableFile.write(table, target, rawText ? Formulas.RAW : Formulas.ESCAPED);
    console.json(
        new Json()
            .put("rows", table.rowCount())
            .put("columns", table.valueNames().size())
            .put("files", files.stream().map(Path::toString).toList())
            .document());
    console.line("%,d rows, %,d columns", table.rowCount(), table.valueNames().size());
    files.forEach(file -> console.line("wrote %s", file));
    return ExitStatus.DONE;
  }

  private ExportTable ofModel() throws IOException {
    ModelInput input = ModelInput.open(source);
    ModelEmbeddings embeddings =
        switch (wanted("embeddings")) {
          case "embeddings" -> input.artifact().embeddings();
          case "raw" -> ModelEmbeddings.raw(input.artifact().factorization());
          default -> throw unknown("embeddings or raw where a model is exported");
        };
    return ExportTables.vectors("model_name", embeddings.models(), embeddings.vectors());
  }

  private ExportTable ofDataset() throws IOException {
    Dataset dataset = DatasetLoader.load(source);
    return switch (wanted("matrix")) {
      case "matrix" -> ExportTables.matrix(dataset.data());
      case "responses" -> ExportTables.responses(dataset);
      case "vectors" -> vectors(dataset);
      default -> throw unknown("matrix, responses or vectors where a data set is exported");
    };
  }

  private ExportTable vectors(Dataset dataset) throws IOException {
    VectorStore store = DatasetVectors.store(dataset.directory());
    List<EncoderIdentity> known = store.encoders();
    String asked = encoder;
    List<EncoderIdentity> chosen =
        asked == null
            ? known
            : known.stream().filter(identity -> identity.name().equals(asked)).toList();
    if (chosen.size() != 1) {
      throw BadInputException.in(
          source,
          known.isEmpty()
              ? "has no question vectors yet; run embedllm encode " + source
              : "has vectors of "
                  + String.join(", ", known.stream().map(EncoderIdentity::name).toList())
                  + "; name one with --encoder");
    }
    List<Question> questions = dataset.data().matrix().questions();
    QuestionVectors vectors =
        store
            .find(questions, chosen.getFirst())
            .orElseThrow(() ->
                BadInputException.in(
                    source, "has vectors of some questions only; run embedllm encode " + source));
    return ExportTables.vectors("prompt_id", vectors.ids(), vectors.vectors());
  }

  private String wanted(String byDefault) {
    String asked = what;
    return asked == null ? byDefault : asked.toLowerCase(Locale.ROOT);
  }

  private BadInputException unknown(String choices) {
    return BadInputException.of("--what is " + choices + "; got \"" + what + "\"");
  }

  /// A safetensors file begins with the length of its header, far below 2^48, and a brace.
  private static boolean isModel(Path path) throws IOException {
    if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(path)) {
      byte[] start = in.readNBytes(9);
      return start.length == 9 && start[6] == 0 && start[7] == 0 && start[8] == '{';
    }
  }
}
