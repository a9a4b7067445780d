package org.embedllm.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.JsonTrees;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A safetensors file: named tensors and a map of strings.
///
/// Layout: 8 bytes little-endian length N of the header, N bytes of JSON (`{"name": {"dtype",
/// "shape", "data_offsets": [begin, end]}, "__metadata__": {...}}`), then the data, little-endian,
/// row-major. Everything a file claims about its size is checked against the file's real length
/// before anything is allocated.
public final class Safetensors {
  private static final long MAX_HEADER_BYTES = 100_000_000L;
  private static final int CHUNK_BYTES = 1 << 20;

  private final Path file;
  private final Map<String, String> metadata;
  private final Map<String, TensorEntry> entries;

  /// A tensor's place in a file.
  ///
  /// @param type its element type
  /// @param shape its shape
  /// @param position first byte, from the start of the file
  /// @param elements product of the shape
  public record TensorEntry(ElementType type, List<Long> shape, long position, long elements) {}

  /// The element types of a file. F32, F64, I32, I64 and U8 are read and written here; other types
  /// may be in a file; their size is known.
  public enum ElementType {
    F32(4),
    I32(4),
    I64(8),
    U8(1),
    F64(8),
    F16(2),
    BF16(2),
    I16(2),
    I8(1),
    U16(2),
    U32(4),
    U64(8),
    BOOL(1);

    private final int bytes;

    ElementType(int bytes) {
      this.bytes = bytes;
    }

    /// Bytes of one element.
    public int bytes() {
      return bytes;
    }
  }

  private Safetensors(Path file, Map<String, String> metadata, Map<String, TensorEntry> entries) {
    this.file = file;
    this.metadata = Map.copyOf(metadata);
    this.entries = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }

  /// Reads the header of a file; tensors are read when asked for.
  ///
  /// @throws BadInputException when the file is no safetensors file, is truncated, or claims a size
  ///   it does not have
  /// @throws IOException when it cannot be read
  public static Safetensors open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw BadInputException.in(file, "is a directory, not a safetensors file");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < 8) {
        throw BadInputException.in(file, "is not a safetensors file: it has " + size + " bytes");
      }
      long headerBytes = readFully(channel, 0, 8, file).getLong();
      if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES || headerBytes > size - 8) {
        throw BadInputException.in(
            file,
            "is truncated or not a safetensors file: its header claims "
                + headerBytes
                + " bytes, the file has "
                + size);
      }
      ByteBuffer header = readFully(channel, 8, (int) headerBytes, file);
      String text = StandardCharsets.UTF_8.newDecoder().decode(header).toString();
      return parse(file, text, 8 + headerBytes, size);
    } catch (CharacterCodingException e) {
      throw BadInputException.in(file, "is not a safetensors file: its header is not UTF-8", e);
    } catch (NoSuchFileException e) {
      throw BadInputException.in(file, "does not exist", e);
    }
  }

  private static Safetensors parse(Path file, String header, long dataStart, long size) {
    JsonNode root;
    try {
      root = JsonTrees.read(header);
    } catch (JacksonException e) {
      throw BadInputException.in(file, "is not a safetensors file: its header is no JSON", e);
    }
    if (!root.isObject()) {
      throw BadInputException.in(file, "is not a safetensors file: its header is no JSON object");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    long covered = dataStart;
    for (var property : root.properties()) {
      if (property.getKey().equals("__metadata__")) {
        for (var entry : property.getValue().properties()) {
          if (entry.getValue().isContainer()) {
            throw BadInputException.in(
                file, "has metadata \"" + entry.getKey() + "\" that is no text; it was altered");
          }
          metadata.put(entry.getKey(), entry.getValue().asString());
        }
      } else {
        TensorEntry entry = entry(file, property.getKey(), property.getValue(), dataStart, size);
        entries.put(property.getKey(), entry);
        covered = Math.max(covered, entry.position() + entry.elements() * entry.type().bytes());
      }
    }
    if (covered != size) {
      throw BadInputException.in(
          file, "has " + size + " bytes where its tensors end at " + covered + "; it was altered");
    }
    return new Safetensors(file, metadata, entries);
  }

  private static TensorEntry entry(
      Path file, String name, JsonNode node, long dataStart, long size) {
    ElementType type;
    try {
      type = ElementType.valueOf(node.path("dtype").asString(""));
    } catch (IllegalArgumentException e) {
      throw BadInputException.in(
          file,
          "tensor %s has type %s, which is not read here".formatted(name, node.path("dtype")),
          e);
    }
    List<Long> shape = new ArrayList<>();
    long elements = 1;
    for (JsonNode axis : node.path("shape")) {
      long length = axis.asLong(-1);
      shape.add(length);
      if (length < 0 || (length > 0 && elements > Long.MAX_VALUE / 16 / length)) {
        throw BadInputException.in(
            file, "tensor %s has the impossible shape %s".formatted(name, node.path("shape")));
      }
      elements *= length;
    }
    long begin = node.path("data_offsets").path(0).asLong(-1);
    long end = node.path("data_offsets").path(1).asLong(-1);
    if (begin < 0 || end < begin || end - begin != elements * type.bytes()) {
      throw BadInputException.in(
          file,
          "tensor %s has offsets %s that do not fit its shape %s"
              .formatted(name, node.path("data_offsets"), shape));
    }
    if (end > size - dataStart) {
      throw BadInputException.in(
          file,
          "is truncated: tensor %s ends at byte %d of %d".formatted(name, dataStart + end, size));
    }
    return new TensorEntry(type, List.copyOf(shape), dataStart + begin, elements);
  }

  public Path file() {
    return file;
  }

  public Map<String, String> metadata() {
    return metadata;
  }

  /// The tensors by name, in the order of the header.
  public Map<String, TensorEntry> tensors() {
    return entries;
  }

  public boolean has(String name) {
    return entries.containsKey(name);
  }

  /// A float32 tensor of one or two axes; one axis reads as a single row.
  public FloatMatrix matrix(String name) throws IOException {
    TensorEntry entry = require(name, ElementType.F32);
    if (entry.shape().isEmpty() || entry.shape().size() > 2) {
      throw BadInputException.in(
          file, "tensor " + name + " must have 1 or 2 axes; has shape " + entry.shape());
    }
    int columns = Math.toIntExact(entry.shape().getLast());
    int rows = entry.shape().size() == 1 ? 1 : Math.toIntExact(entry.shape().getFirst());
    return FloatMatrix.wrap(rows, columns, floats(name));
  }

  /// All values of a float32 tensor, row-major.
  public float[] floats(String name) throws IOException {
    TensorEntry entry = require(name, ElementType.F32);
    float[] values = new float[arrayLength(name, entry)];
    read(entry, (chunk, at) -> chunk.asFloatBuffer().get(values, at, chunk.remaining() / 4));
    return values;
  }

  /// All values of an int32 tensor, row-major.
  public int[] ints(String name) throws IOException {
    TensorEntry entry = require(name, ElementType.I32);
    int[] values = new int[arrayLength(name, entry)];
    read(entry, (chunk, at) -> chunk.asIntBuffer().get(values, at, chunk.remaining() / 4));
    return values;
  }

  /// All values of an int64 tensor, row-major.
  public long[] longs(String name) throws IOException {
    TensorEntry entry = require(name, ElementType.I64);
    long[] values = new long[arrayLength(name, entry)];
    read(entry, (chunk, at) -> chunk.asLongBuffer().get(values, at, chunk.remaining() / 8));
    return values;
  }

  /// All values of a float64 tensor, row-major.
  public double[] doubles(String name) throws IOException {
    TensorEntry entry = require(name, ElementType.F64);
    double[] values = new double[arrayLength(name, entry)];
    read(entry, (chunk, at) -> chunk.asDoubleBuffer().get(values, at, chunk.remaining() / 8));
    return values;
  }

  /// All values of a byte tensor, row-major.
  public byte[] bytes(String name) throws IOException {
    TensorEntry entry = require(name, ElementType.U8);
    byte[] values = new byte[arrayLength(name, entry)];
    read(entry, (chunk, at) -> chunk.get(values, at, chunk.remaining()));
    return values;
  }

  private int arrayLength(String name, TensorEntry entry) {
    if (entry.elements() > Integer.MAX_VALUE - 8) {
      throw BadInputException.in(
          file, "tensor %s has %d elements, too many to read".formatted(name, entry.elements()));
    }
    return (int) entry.elements();
  }

  private TensorEntry require(String name, ElementType type) {
    TensorEntry entry = entries.get(name);
    if (entry == null) {
      throw BadInputException.in(file, "has no tensor " + name + "; it has " + entries.keySet());
    }
    if (entry.type() != type) {
      throw BadInputException.in(
          file, "tensor %s must be %s; is %s".formatted(name, type, entry.type()));
    }
    return entry;
  }

  private interface ChunkReader {
    void accept(ByteBuffer chunk, int firstElement);
  }

  private void read(TensorEntry entry, ChunkReader reader) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long bytes = entry.elements() * entry.type().bytes();
      for (long done = 0; done < bytes; done += CHUNK_BYTES) {
        int length = (int) Math.min(CHUNK_BYTES, bytes - done);
        reader.accept(
            readFully(channel, entry.position() + done, length, file),
            (int) (done / entry.type().bytes()));
      }
    }
  }

  private static ByteBuffer readFully(FileChannel channel, long position, int length, Path file)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw BadInputException.in(file, "is truncated at byte " + (position + buffer.position()));
      }
    }
    return buffer.flip();
  }

  /// A builder of a file. Tensors are written in the order they were added; the same content gives
  /// the same bytes.
  public static final class Writer {
    private final Map<String, String> metadata = new java.util.TreeMap<>();
    private final Map<String, Pending> pending = new LinkedHashMap<>();

    private record Pending(ElementType type, List<Long> shape, long elements, Filler filler) {}

    private interface Filler {
      void fill(ByteBuffer chunk, int firstElement, int count);
    }

    public Writer metadata(String key, String value) {
      metadata.put(key, value);
      return this;
    }

    public Writer add(String name, FloatMatrix matrix) {
      return floats(name, matrix.sharedArray(), matrix.rows(), matrix.columns());
    }

    public Writer floats(String name, float[] values, long... shape) {
      return put(
          name,
          ElementType.F32,
          values.length,
          shape,
          (b, at, n) -> b.asFloatBuffer().put(values, at, n));
    }

    public Writer doubles(String name, double[] values, long... shape) {
      return put(
          name,
          ElementType.F64,
          values.length,
          shape,
          (b, at, n) -> b.asDoubleBuffer().put(values, at, n));
    }

    public Writer ints(String name, int[] values, long... shape) {
      return put(
          name,
          ElementType.I32,
          values.length,
          shape,
          (b, at, n) -> b.asIntBuffer().put(values, at, n));
    }

    public Writer longs(String name, long[] values, long... shape) {
      return put(
          name,
          ElementType.I64,
          values.length,
          shape,
          (b, at, n) -> b.asLongBuffer().put(values, at, n));
    }

    public Writer bytes(String name, byte[] values, long... shape) {
      return put(
          name,
          ElementType.U8,
          values.length,
          shape,
          (b, at, n) -> b.duplicate().put(values, at, n));
    }

    private Writer put(String name, ElementType type, int length, long[] shape, Filler filler) {
      long elements = 1;
      for (long axis : shape) {
        elements = Math.multiplyExact(elements, axis);
      }
      if (elements != length) {
        throw new IllegalArgumentException(
            "tensor %s of shape %s takes %d values; got %d"
                .formatted(name, java.util.Arrays.toString(shape), elements, length));
      }
      if (name.equals("__metadata__") || pending.containsKey(name)) {
        throw new IllegalArgumentException("tensor name " + name + " is taken");
      }
      pending.put(
          name,
          new Pending(type, java.util.Arrays.stream(shape).boxed().toList(), elements, filler));
      return this;
    }

    /// Writes the file under a temporary name, syncs it, and renames it.
    public void write(Path target) throws IOException {
      byte[] header = header();
      long bytes = 8L + header.length;
      for (Pending tensor : pending.values()) {
        bytes += tensor.elements() * tensor.type().bytes();
      }
      AtomicFile.write(target, bytes, channel -> writeTo(channel, header));
    }

    private void writeTo(FileChannel channel, byte[] header) throws IOException {
      ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
      writeFully(channel, start.putLong(header.length).put(header).flip());
      ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (Pending tensor : pending.values()) {
        int perChunk = CHUNK_BYTES / tensor.type().bytes();
        for (long done = 0; done < tensor.elements(); done += perChunk) {
          int count = (int) Math.min(perChunk, tensor.elements() - done);
          chunk.clear();
          tensor.filler().fill(chunk, (int) done, count);
          writeFully(channel, chunk.limit(count * tensor.type().bytes()));
        }
      }
    }

    private byte[] header() {
      ObjectNode root = JsonTrees.object();
      if (!metadata.isEmpty()) {
        ObjectNode node = root.putObject("__metadata__");
        metadata.forEach(node::put);
      }
      long offset = 0;
      for (var entry : pending.entrySet()) {
        Pending tensor = entry.getValue();
        ObjectNode node = root.putObject(entry.getKey());
        node.put("dtype", tensor.type().name());
        var shape = node.putArray("shape");
        for (long axis : tensor.shape()) {
          shape.add(axis);
        }
        long end = offset + tensor.elements() * tensor.type().bytes();
        node.putArray("data_offsets").add(offset).add(end);
        offset = end;
      }
      // Padded with spaces so that the data starts at a multiple of 8, as the format asks.
      String json = root.toString();
      int bytes = json.getBytes(StandardCharsets.UTF_8).length;
      return (json + " ".repeat((8 - bytes % 8) % 8)).getBytes(StandardCharsets.UTF_8);
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }
  }
}
