package org.embedllm.app.ask;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.FullDisk;
import org.embedllm.storage.SingleWriter;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The answers as JSON Lines, which `import` and `add` read. A line is written as soon as an answer
/// is scored, so that an interrupted run goes on where it stopped. One process has it at a time, so
/// that no question is asked and paid for twice. Safe for several threads.
final class AnswersFile implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// An answer that an earlier run has written.
  ///
  /// @param score in [0, 1]; empty where no scorer could read it
  /// @param usd what it cost; NaN where that is not known
  record Earlier(OptionalDouble score, double usd) {}

  private final Path file;
  private final Map<String, Map<String, Earlier>> earlier = new HashMap<>();
  private final SingleWriter place;
  private final BufferedWriter writer;

  private AnswersFile(Path file, SingleWriter place) throws IOException {
    this.file = file;
    this.place = place;
    if (Files.exists(file)) {
      cutIncompleteLine(file);
      read();
    }
    this.writer =
        Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /// Opens a file, or makes it.
  ///
  /// @throws BadInputException where it holds something else, is a folder, a device or a pipe, or
  ///   another process is writing it
  static AnswersFile open(Path file) throws IOException {
    AtomicFile.requirePlace(file);
    SingleWriter place = SingleWriter.of(file);
    try {
      return new AnswersFile(file, place);
    } catch (IOException | RuntimeException e) {
      place.close();
      throw e;
    }
  }

  /// What a model has answered already, by the question's id.
  Map<String, Earlier> earlier(String model) {
    return earlier.getOrDefault(model, Map.of());
  }

  private static void cutIncompleteLine(Path file) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      long end = bytes.length();
      while (end > 0) {
        bytes.seek(end - 1);
        if (bytes.read() == '\n') {
          break;
        }
        end--;
      }
      bytes.setLength(end);
    }
  }

  private void read() throws IOException {
    long number = 0;
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      JsonNode row;
      try {
        row = JSON.readTree(line);
      } catch (JacksonException e) {
        throw BadInputException.at(file, number, "is no answer that ask wrote: name another --to");
      }
      String model = row.path("model_name").asString("");
      String id = row.path("prompt_id").asString("");
      if (model.isEmpty() || id.isEmpty()) {
        throw BadInputException.at(file, number, "is no answer that ask wrote: name another --to");
      }
      JsonNode score = row.path("score");
      earlier
          .computeIfAbsent(model, _ -> new HashMap<>())
          .put(
              id,
              new Earlier(
                  score.isNumber() ? OptionalDouble.of(score.asDouble()) : OptionalDouble.empty(),
                  row.path("cost").asDouble(Double.NaN)));
    }
  }

  /// Adds an answer; when this returns, the operating system has it.
  synchronized void add(AskedAnswer asked) {
    ObjectNode row = JSON.createObjectNode();
    row.put("model_name", asked.model());
    row.put("prompt_id", asked.asked().question().id());
    row.put("prompt", asked.asked().question().text());
    row.put("category", asked.asked().question().benchmark());
    if (asked.score().isPresent()) {
      row.put("score", asked.score().getAsDouble());
    } else {
      row.putNull("score");
    }
    row.put("output", asked.answer().text());
    row.put("reference", asked.asked().reference().answer());
    List<String> options = asked.asked().reference().options();
    if (options.isEmpty()) {
      row.putNull("options");
    } else {
      ArrayNode array = row.putArray("options");
      options.forEach(array::add);
    }
    row.put("input_tokens", asked.answer().inputTokens());
    row.put("output_tokens", asked.answer().outputTokens());
    if (Double.isNaN(asked.answer().usd())) {
      row.putNull("cost");
    } else {
      row.put("cost", asked.answer().usd());
    }
    row.put("latency", asked.answer().seconds());
    row.put("scorer", asked.scorer());
    String line = JSON.writeValueAsString(row) + "\n";
    try {
      writer.write(line);
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(
          FullDisk.named(file, line.getBytes(StandardCharsets.UTF_8).length, e));
    }
  }

  /// Models with answers in the file, from this run or an earlier one, in no order.
  List<String> earlierModels() {
    return new ArrayList<>(earlier.keySet());
  }

  @Override
  public void close() throws IOException {
    try (place) {
      writer.close();
    }
  }
}
