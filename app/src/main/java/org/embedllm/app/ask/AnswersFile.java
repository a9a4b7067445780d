package org.embedllm.app.ask;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
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

  /// How each line begins.
  private static final byte[] START = "{\"model_name\":\"".getBytes(StandardCharsets.US_ASCII);

  /// An answer that an earlier run has written.
  ///
  /// @param score in [0, 1]; empty where no scorer could read it
  /// @param usd what it cost; NaN where that is not known
  record Earlier(OptionalDouble score, double usd) {}

  private final Path file;
  private final Map<String, Map<String, Earlier>> earlier = new HashMap<>();
  private final SingleWriter place;
  private final OutputStream out;
  private long end; // bytes of the answers
  private boolean failed; // there may be a part of an answer behind them
  private boolean lineIsOpen; // the last line of the file has no end

  private AnswersFile(Path file, SingleWriter place) throws IOException {
    this.file = file;
    this.place = place;
    if (Files.exists(file)) {
      read();
    }
    // Unlike a channel it stays open where a thread that writes is interrupted.
    this.out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    this.end = Files.size(file);
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

  /// Reads what an earlier run has written. A last line that an interrupt cut is left out of the
  /// file, and nothing else: a file of another kind is refused as it is.
  private void read() throws IOException {
    long number = 0;
    var line = new ByteArrayOutputStream();
    try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      for (int next = bytes.read(); next >= 0; next = bytes.read()) {
        if (next != '\n') {
          line.write(next);
          continue;
        }
        number++;
        take(number, line.toByteArray());
        end += line.size() + 1L;
        line.reset();
      }
    }
    byte[] last = line.toByteArray();
    if (isCut(last)) {
      cut();
    } else if (last.length > 0) {
      take(number + 1, last);
      lineIsOpen = true;
    }
  }

  private void cut() throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(end);
    }
  }

  /// Whether a last line without an end is one that [#add] began, or zeros that a power cut left of
  /// it.
  private boolean isCut(byte[] last) {
    if (last.length > 0 && !earlier.isEmpty() && Arrays.equals(last, new byte[last.length])) {
      return true;
    }
    int compared = Math.min(last.length, START.length);
    if (last.length == 0 || !Arrays.equals(last, 0, compared, START, 0, compared)) {
      return false;
    }
    try {
      JSON.readTree(last);
      return false;
    } catch (JacksonException e) {
      return true;
    }
  }

  private void take(long number, byte[] line) {
    JsonNode row;
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
      if (text.isBlank()) {
        return;
      }
      row = JSON.readTree(text);
    } catch (JacksonException | CharacterCodingException e) {
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

  /// Adds an answer; when this returns, the operating system has it. What a failure has left of one
  /// is gone before the next.
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
    String line = (lineIsOpen ? "\n" : "") + JSON.writeValueAsString(row) + "\n";
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    try {
      if (failed) {
        cut();
      }
      failed = true;
      out.write(bytes);
      failed = false;
      end += bytes.length;
      lineIsOpen = false;
    } catch (IOException e) {
      throw new UncheckedIOException(FullDisk.named(file, bytes.length, e));
    }
  }

  @Override
  public void close() throws IOException {
    try (place) {
      out.close();
    }
  }
}
