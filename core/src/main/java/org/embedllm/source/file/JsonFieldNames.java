package org.embedllm.source.file;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.embedllm.storage.BadInputException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The names of the fields of a file's JSON objects, found without keeping a value: objects one
/// after another, or the elements of one array. Field b of field a is `a.b`; what is in an array
/// has no name.
public final class JsonFieldNames {
  /// Names that are longer than this have no fields below them.
  public static final int MAX_PREFIX = 200;

  /// Takes a name.
  @FunctionalInterface
  public interface NameConsumer {
    /// @param record the object it is in, counted from 0
    /// @return whether to go on
    boolean accept(long record, String name);
  }

  private final JsonParser parser;
  private final NameConsumer consumer;
  private long record;
  private boolean goesOn = true;

  private JsonFieldNames(JsonParser parser, NameConsumer consumer) {
    this.parser = parser;
    this.consumer = consumer;
  }

  /// Reads names until the consumer has enough, the bytes end or something is no JSON. The reader
  /// of the values says what is wrong.
  ///
  /// @param bytes how many unpacked bytes are read at most
  public static void read(Path file, long bytes, NameConsumer consumer) {
    try (SourceFile source = SourceFile.open(file, ImportProgress.NONE);
        JsonParser parser = JsonRecords.JSON.createParser(new Head(source.bytes(), bytes))) {
      new JsonFieldNames(parser, consumer).records();
    } catch (JacksonException | BadInputException e) {
      return; // The names so far.
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }

  private void records() {
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      if (token == JsonToken.START_OBJECT) {
        object("");
        record++;
      }
      if (!goesOn) {
        return;
      }
    }
  }

  private void object(String prefix) {
    while (goesOn && parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = prefix + parser.currentName();
      goesOn = consumer.accept(record, name);
      if (parser.nextToken() == JsonToken.START_OBJECT && name.length() <= MAX_PREFIX) {
        object(name + ".");
      } else {
        parser.skipChildren();
      }
    }
  }

  /// The first bytes of a stream.
  private static final class Head extends FilterInputStream {
    private long left;

    Head(InputStream in, long bytes) {
      super(in);
      this.left = bytes;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int got = left == 0 ? -1 : super.read(into, offset, (int) Math.min(length, left));
      left -= Math.max(0, got);
      return got;
    }

    @Override
    public boolean markSupported() {
      return false;
    }

    /// Leaves closing to the source file.
    @Override
    public void close() {}
  }
}
