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
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.FullDisk;
import org.embedllm.storage.SingleWriter;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A file of JSON Lines that a run adds to, and that an interrupted run goes on with. One process
/// has it at a time, so that nothing is asked and paid for twice. Safe for several threads.
final class GrowingLines implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;
  private final byte[] start;
  private final Predicate<JsonNode> takes;
  private final SingleWriter place;
  private final OutputStream out;
  private long taken; // lines
  private long end; // bytes of the lines
  private boolean failed; // there may be a part of a line behind them
  private boolean lineIsOpen; // the last line of the file has no end

  private GrowingLines(Path file, String start, Predicate<JsonNode> takes, SingleWriter place)
      throws IOException {
    this.file = file;
    this.start = start.getBytes(StandardCharsets.US_ASCII);
    this.takes = takes;
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
  /// @param start how each line begins
  /// @param takes gets each line that an earlier run has written; false where it is no such line
  /// @throws BadInputException where the file holds something else, is a folder, a device or a
  ///   pipe, or another process is writing it
  static GrowingLines open(Path file, String start, Predicate<JsonNode> takes) throws IOException {
    AtomicFile.requirePlace(file);
    SingleWriter place = SingleWriter.of(file);
    try {
      return new GrowingLines(file, start, takes, place);
    } catch (IOException | RuntimeException e) {
      place.close();
      throw e;
    }
  }

  /// Reads a file of such lines that nobody is adding to.
  static void read(Path file, Consumer<JsonNode> each) throws IOException {
    try (java.util.stream.Stream<String> lines = Files.lines(file)) {
      lines.filter(line -> !line.isBlank()).map(JSON::readTree).forEach(each);
    }
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
    if (last.length > 0 && taken > 0 && Arrays.equals(last, new byte[last.length])) {
      return true;
    }
    int compared = Math.min(last.length, start.length);
    if (last.length == 0 || !Arrays.equals(last, 0, compared, start, 0, compared)) {
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
    boolean known;
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
      if (text.isBlank()) {
        return;
      }
      known = takes.test(JSON.readTree(text));
    } catch (JacksonException | CharacterCodingException e) {
      throw BadInputException.at(file, number, "is no answer that ask wrote: name another --to");
    }
    if (!known) {
      throw BadInputException.at(file, number, "is no answer that ask wrote: name another --to");
    }
    taken++;
  }

  /// Adds a line; when this returns, the operating system has it. What a failure has left of one is
  /// gone before the next.
  synchronized void add(ObjectNode row) {
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
