package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Durations;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.task.DatasetVectors;
import org.embedllm.correctness.Question;
import org.embedllm.dataset.Dataset;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.EncodedQuestions;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.EncodingSummary;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.VectorFile;
import org.embedllm.question.VectorStore;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `embedllm encode DATASET [--encoder ID]`: vectors of a data set's questions, made once and kept.
@Command(
    name = "encode",
    description = {
      "Makes and stores the vectors of a data set's questions. Existing vectors are not"
          + " made again, and interrupted work continues.",
      "",
      "Encoders: minilm-l6 (default), minilm-l6-q, minilm-l6-fast, bge-small, bge-small-q; a folder"
          + " with an ONNX file, as sentence-transformers, optimum or transformers.js write it; an address like"
          + " https://host/v1#model (key in EMBEDLLM_ENCODER_KEY); two or more joined with +.",
      "Texts that another data set had are taken from the cache (embedllm cache)."
    })
public final class EncodeCommand implements Callable<Integer> {
  @Mixin private Console console;

  @Parameters(paramLabel = "DATASET", description = "Data set directory, or table of answers.")
  private Path source = Path.of("");

  @Option(
      names = "--encoder",
      paramLabel = "ID",
      description = "Name, folder or address of the encoder. Default: " + Encoders.DEFAULT + ".")
  private @Nullable String encoderName;

  @Option(
      names = "--fast",
      description =
          "Encode two to three times as fast with 8-bit weights and the first 128 tokens of each"
              + " text (encoder "
              + Encoders.FAST
              + "), for a small loss of accuracy.")
  private boolean fast;

  @Option(
      names = "--encoder-model",
      paramLabel = "NAME",
      description = "Model behind an address, where the address does not end in #NAME.")
  private @Nullable String endpointModel;

  @Option(
      names = "--pooling",
      paramLabel = "POOLING",
      description =
          "How tokens become one vector, mean or cls, where the encoder's folder does not say."
              + " Elsewhere such an encoder is named FOLDER#mean.")
  private @Nullable String pooling;

  @Option(
      names = "--vectors",
      paramLabel = "FILE",
      description =
          "Take the vectors from a .npy, .safetensors or torch .pth file: a row for each question,"
              + " or row i for the question with id i.")
  private @Nullable Path vectorFile;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Texts encoded in parallel. Default: all processors.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Override
  public Integer call() throws IOException {
    if (threads < 1) {
      throw BadInputException.of("--threads must be at least 1; got " + threads);
    }
    if (fast && (encoderName != null || vectorFile != null)) {
      throw BadInputException.of(
          "--fast chooses the encoder " + Encoders.FAST + "; leave out --encoder and --vectors");
    }
    Dataset dataset = DatasetLoader.load(source);
    List<Question> questions = dataset.data().matrix().questions();
    VectorStore store = DatasetVectors.store(dataset.directory());
    Path brought = vectorFile;
    if (brought != null) {
      attach(brought, questions, store, dataset);
    } else {
      encode(questions, store);
    }
    return ExitStatus.DONE;
  }

  private void attach(Path file, List<Question> questions, VectorStore store, Dataset dataset)
      throws IOException {
    if (dataset.directory().isEmpty()) {
      throw BadInputException.in(
          source, "has no place for vectors; import it to a data set directory first");
    }
    FloatMatrix rows = VectorFile.read(file);
    EncoderIdentity identity = VectorFile.identity(file, rows.columns());
    store.attach(questions, VectorFile.bind(file, rows, questions), identity);
    report(
        identity,
        store,
        new EncodingSummary(
            questions.size(), questions.size(), 0, questions.size(), 0, java.time.Duration.ZERO));
  }

  private void encode(List<Question> questions, VectorStore store) throws IOException {
    String model = endpointModel;
    String behind = model == null ? pooling : model;
    String chosen = encoderName == null ? fast ? Encoders.FAST : Encoders.DEFAULT : encoderName;
    String name = behind == null ? chosen : chosen + "#" + behind;
    EncoderSettings settings = EncoderSettings.of(System.getenv()).withThreads(threads);
    try (QuestionEncoder encoder = Encoders.open(name, settings);
        Progress progress = console.progress("encode", questions.size(), "texts")) {
      EncodedQuestions encoded =
          store.encode(
              questions, encoder, at -> progress.advanceTo((long) at.done() + at.reused()));
      progress.advanceTo(questions.size());
      report(encoder.identity(), store, encoded.summary());
    }
  }

  private void report(EncoderIdentity encoder, VectorStore store, EncodingSummary summary) {
    double seconds = summary.elapsed().toNanos() / 1e9;
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("encoder", encoder.name());
    root.put("digest", encoder.digest());
    root.put("dimension", encoder.dimension());
    root.put("maxTokens", encoder.maxTokens());
    root.put("questions", summary.questions());
    root.put("texts", summary.texts());
    root.put("encoded", summary.encoded());
    root.put("reused", summary.reused());
    root.put("cut", summary.cut());
    root.put("seconds", seconds);
    root.put("vectors", store.folder().toString());
    console.json(root);
    console.line(
        "%s: %,d questions, %,d different texts, vectors of %d values",
        encoder.name(), summary.questions(), summary.texts(), encoder.dimension());
    if (summary.encoded() > 0) {
      console.line(
          "encoded %,d texts in %s (%.0f a second), %,d existed already",
          summary.encoded(),
          Durations.text(seconds),
          summary.encoded() / seconds,
          summary.reused());
    } else {
      console.line("nothing to encode: all vectors existed or were imported");
    }
    if (summary.cut() > 0) {
      console.line(
          "%,d texts were longer than the encoder's %d tokens and were truncated",
          summary.cut(), encoder.maxTokens());
    }
    console.line("kept in %s", store.folder());
  }
}
