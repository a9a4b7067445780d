package org.embedllm.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Sha256;

/// The checksum inside a safetensors file: metadata `checksum`, the SHA-256 (hex) over
///
/// 1. each other metadata entry in order of its key: key and value,
/// 2. each tensor in order of its name: name, shape, element type and its bytes,
///
/// A string is the int32 number of its UTF-8 bytes, then the bytes. A shape is the int32 number of
/// axes, then an int64 for each. Every number is little-endian.
public final class Checksum {
  /// Its metadata key.
  public static final String KEY = "checksum";

  private static final int CHUNK = 1 << 14; // elements

  private final MessageDigest digest = Sha256.newDigest();

  private Checksum() {}

  /// @param remedy what a user does about a file that does not match
  /// @throws BadInputException when the file has no checksum or does not match it
  public static void verify(Safetensors file, String remedy) throws IOException {
    String expected = file.metadata().get(KEY);
    if (expected == null) {
      throw BadInputException.in(file.file(), "has no checksum, so it was altered; " + remedy);
    }
    Checksum sum = new Checksum();
    Map<String, String> metadata = new TreeMap<>(file.metadata());
    metadata.remove(KEY);
    sum.metadata(metadata);
    for (var tensor : new TreeMap<>(file.tensors()).entrySet()) {
      Safetensors.TensorEntry entry = tensor.getValue();
      sum.head(tensor.getKey(), entry.shape(), entry.type());
      switch (entry.type()) {
        case F32 -> sum.floats(file.floats(tensor.getKey()));
        case I32 -> sum.ints(file.ints(tensor.getKey()));
        case I64 -> sum.longs(file.longs(tensor.getKey()));
        case U8 -> sum.digest.update(file.bytes(tensor.getKey()));
        case F64, F16, BF16, I16, I8, U16, U32, U64, BOOL ->
            throw BadInputException.in(
                file.file(),
                "was altered: tensor %s has type %s; %s"
                    .formatted(tensor.getKey(), entry.type(), remedy));
      }
    }
    if (!sum.hex().equals(expected)) {
      throw BadInputException.in(
          file.file(),
          "was altered or damaged: its content does not match its checksum; " + remedy);
    }
  }

  private String hex() {
    return Sha256.hex(digest.digest());
  }

  private void metadata(Map<String, String> sorted) {
    sorted.forEach((key, value) -> {
      string(key);
      string(value);
    });
  }

  private void head(String name, List<Long> shape, Safetensors.ElementType type) {
    string(name);
    ints(new int[] {shape.size()});
    longs(shape.stream().mapToLong(Long::longValue).toArray());
    string(type.name());
  }

  private void string(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ints(new int[] {bytes.length});
    digest.update(bytes);
  }

  private void floats(float[] values) {
    ByteBuffer chunk = buffer(4, values.length);
    for (int done = 0; done < values.length; done += CHUNK) {
      int count = Math.min(CHUNK, values.length - done);
      chunk.clear().asFloatBuffer().put(values, done, count);
      digest.update(chunk.limit(4 * count));
    }
  }

  private void ints(int[] values) {
    ByteBuffer chunk = buffer(4, values.length);
    for (int done = 0; done < values.length; done += CHUNK) {
      int count = Math.min(CHUNK, values.length - done);
      chunk.clear().asIntBuffer().put(values, done, count);
      digest.update(chunk.limit(4 * count));
    }
  }

  private void longs(long[] values) {
    ByteBuffer chunk = buffer(8, values.length);
    for (int done = 0; done < values.length; done += CHUNK) {
      int count = Math.min(CHUNK, values.length - done);
      chunk.clear().asLongBuffer().put(values, done, count);
      digest.update(chunk.limit(8 * count));
    }
  }

  private static ByteBuffer buffer(int bytes, int elements) {
    return ByteBuffer.allocate(bytes * Math.min(CHUNK, elements)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// Collects tensors and metadata and writes them with their checksum.
  public static final class Writer {
    private final Safetensors.Writer file = new Safetensors.Writer();
    private final Map<String, String> metadata = new TreeMap<>();
    private final Map<String, Content> contents = new TreeMap<>();

    private interface Content {
      void addTo(Checksum sum);
    }

    public void metadata(String key, String value) {
      metadata.put(key, value);
    }

    public void matrix(String name, FloatMatrix matrix) {
      floats(name, matrix.sharedArray(), matrix.rows(), matrix.columns());
    }

    /// A matrix of one row, written with one axis.
    public void row(String name, FloatMatrix matrix) {
      floats(name, matrix.sharedArray(), matrix.columns());
    }

    public void floats(String name, float[] values, long... shape) {
      file.floats(name, values, shape);
      content(name, Safetensors.ElementType.F32, shape, sum -> sum.floats(values));
    }

    public void ints(String name, int[] values, long... shape) {
      file.ints(name, values, shape);
      content(name, Safetensors.ElementType.I32, shape, sum -> sum.ints(values));
    }

    public void longs(String name, long[] values, long... shape) {
      file.longs(name, values, shape);
      content(name, Safetensors.ElementType.I64, shape, sum -> sum.longs(values));
    }

    public void bytes(String name, byte[] values, long... shape) {
      file.bytes(name, values, shape);
      content(name, Safetensors.ElementType.U8, shape, sum -> sum.digest.update(values));
    }

    private void content(String name, Safetensors.ElementType type, long[] shape, Content values) {
      List<Long> axes = java.util.Arrays.stream(shape).boxed().toList();
      contents.put(
          name,
          sum -> {
            sum.head(name, axes, type);
            values.addTo(sum);
          });
    }

    /// The checksum of the content so far.
    public String checksum() {
      Checksum sum = new Checksum();
      sum.metadata(metadata);
      contents.values().forEach(content -> content.addTo(sum));
      return sum.hex();
    }

    public void write(Path target) throws IOException {
      metadata.forEach(file::metadata);
      file.metadata(KEY, checksum());
      file.write(target);
    }
  }
}
