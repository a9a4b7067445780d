package org.embedllm.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("t.safetensors");
  }

  private static Safetensors.Writer sample() {
    return new Safetensors.Writer()
        .metadata("note", "naïve \"quoted\" 😀\n")
        .metadata("a", "")
        .add("weight", FloatMatrix.wrap(2, 3, new float[] {1, -2.5f, 0, Float.NaN, 1e-38f, 3e38f}))
        .ints("index", new int[] {-1, 0, Integer.MAX_VALUE}, 3)
        .bytes("raw", new byte[] {1, 2, 3}, 3)
        .longs("offsets", new long[] {0, Long.MIN_VALUE, 1L << 40}, 3)
        .floats("empty", new float[0], 0, 5);
  }

  @Test
  void file_writtenAndRead_isTheSame() throws Exception {
    sample().write(file());

    Safetensors read = Safetensors.open(file());

    assertThat(read.metadata())
        .containsEntry("note", "naïve \"quoted\" 😀\n")
        .containsEntry("a", "");
    assertThat(read.tensors().keySet())
        .containsExactly("weight", "index", "raw", "offsets", "empty");
    assertThat(read.matrix("weight").toArray())
        .containsExactly(1, -2.5f, 0, Float.NaN, 1e-38f, 3e38f);
    assertThat(read.matrix("weight").rows()).isEqualTo(2);
    assertThat(read.ints("index")).containsExactly(-1, 0, Integer.MAX_VALUE);
    assertThat(read.bytes("raw")).containsExactly(1, 2, 3);
    assertThat(read.longs("offsets")).containsExactly(0, Long.MIN_VALUE, 1L << 40);
    assertThat(read.floats("empty")).isEmpty();
    assertThat(read.tensors())
        .extractingByKey("empty")
        .extracting(Safetensors.TensorEntry::shape)
        .isEqualTo(List.of(0L, 5L));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 262_143, 262_144, 262_145, 600_001})
  void tensor_ofAnySizeAroundAChunk_isReadWhole(int length) throws Exception {
    Random random = new Random(length);
    float[] floats = new float[length];
    long[] longs = new long[length];
    for (int i = 0; i < length; i++) {
      floats[i] = random.nextFloat();
      longs[i] = random.nextLong();
    }
    new Safetensors.Writer().floats("f", floats, length).longs("l", longs, length).write(file());

    Safetensors read = Safetensors.open(file());

    assertThat(read.floats("f")).isEqualTo(floats);
    assertThat(read.longs("l")).isEqualTo(longs);
  }

  /// A second reader with another JSON "parser", so that a mistake shared by writer and reader
  /// shows.
  @Test
  void layout_agreesWithAnIndependentReader() throws Exception {
    sample().write(file());
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file())).order(ByteOrder.LITTLE_ENDIAN);

    long headerLength = bytes.getLong(0);
    String header = new String(bytes.array(), 8, (int) headerLength, StandardCharsets.UTF_8);
    Matcher weight =
        Pattern.compile(
                "\"weight\":\\{\"dtype\":\"F32\",\"shape\":\\[2,3],\"data_offsets\":\\[(\\d+),(\\d+)]}")
            .matcher(header);
    Matcher offsets =
        Pattern.compile(
                "\"offsets\":\\{\"dtype\":\"I64\",\"shape\":\\[3],\"data_offsets\":\\[(\\d+),(\\d+)]}")
            .matcher(header);

    assertThat(header).startsWith("{").contains("\"__metadata__\":{");
    assertThat((8 + headerLength) % 8).isZero();
    assertThat(weight.find()).isTrue();
    assertThat(offsets.find()).isTrue();
    int data = (int) (8 + headerLength);
    assertThat(bytes.getFloat(data + Integer.parseInt(weight.group(1)) + 4)).isEqualTo(-2.5f);
    assertThat(bytes.getLong(data + Integer.parseInt(offsets.group(1)) + 16)).isEqualTo(1L << 40);
    assertThat(header.strip()).endsWith("}");
  }

  /// The Python library sorts tensors by alignment and name, writes `__metadata__` first and pads
  /// the header with spaces.
  @Test
  void file_asThePythonLibraryWritesIt_isRead() throws Exception {
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},\"z\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},\"P.weight\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[8,24]},\"s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[24,28]}}";
    header = header + " ".repeat((8 - header.length() % 8) % 8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + 28).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.UTF_8)).putLong(42);
    for (int i = 1; i <= 5; i++) {
      bytes.putFloat(i);
    }
    Files.write(file(), bytes.array());

    Safetensors read = Safetensors.open(file());

    assertThat(read.metadata()).containsEntry("format", "pt");
    assertThat(read.longs("z")).containsExactly(42);
    assertThat(read.matrix("P.weight").toArray()).containsExactly(1, 2, 3, 4);
    assertThat(read.floats("s")).containsExactly(5);
  }

  @Test
  void file_cutAnywhere_isRefused() throws Exception {
    sample().write(file());
    byte[] bytes = Files.readAllBytes(file());
    for (int length = 0; length < bytes.length; length++) {
      Files.write(file(), Arrays.copyOf(bytes, length));

      assertThatThrownBy(() -> Safetensors.open(file()))
          .as("cut to %d bytes", length)
          .isInstanceOf(BadInputException.class);
    }
  }

  @Test
  void file_withAFlippedByte_isReadOrRefusedAndNothingElse() throws Exception {
    sample().write(file());
    byte[] bytes = Files.readAllBytes(file());
    for (int at = 0; at < bytes.length; at++) {
      for (int bit : new int[] {at % 8, (at + 5) % 8}) {
        byte[] flipped = bytes.clone();
        flipped[at] ^= (byte) (1 << bit);
        Files.write(file(), flipped);
        try {
          Safetensors read = Safetensors.open(file());
          for (var tensor : read.tensors().entrySet()) {
            readAll(read, tensor.getKey(), tensor.getValue());
          }
        } catch (BadInputException e) {
          assertThat(e).hasMessageStartingWith(file().toString());
        }
      }
    }
  }

  private static void readAll(Safetensors file, String name, Safetensors.TensorEntry entry)
      throws Exception {
    int length =
        switch (entry.type()) {
          case F32 -> file.floats(name).length;
          case I32 -> file.ints(name).length;
          case I64 -> file.longs(name).length;
          case U8 -> file.bytes(name).length;
          case F64, F16, BF16, I16, I8, U16, U32, U64, BOOL -> (int) entry.elements();
        };
    assertThat((long) length).isEqualTo(entry.elements());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"t\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,12]}}",
        "{\"t\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[4,0]}}",
        "{\"t\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,12]}}",
        "{\"t\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}",
        "{\"t\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807],\"data_offsets\":[0,12]}}",
        "{\"t\":{\"dtype\":\"C64\",\"shape\":[1],\"data_offsets\":[0,8]}}",
        "{\"t\":{\"shape\":[3],\"data_offsets\":[0,12]}}",
        "{\"t\":[]}",
        "[]",
        "{",
        "nonsense"
      })
  void header_thatLies_isRefused(String header) throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + 12).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.UTF_8));
    Files.write(file(), bytes.array());

    assertThatThrownBy(() -> Safetensors.open(file())).isInstanceOf(BadInputException.class);
  }

  @Test
  void header_thatIsNotUtf8_isRefused() throws Exception {
    byte[] header =
        "{\"é\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}"
            .getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + 12).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file(), bytes.putLong(header.length).put(header).array());

    assertThatThrownBy(() -> Safetensors.open(file()))
        .isInstanceOf(BadInputException.class)
        .hasMessageEndingWith("its header is not UTF-8");
  }

  @Test
  void headerLength_beyondTheFile_isRefusedBeforeAnythingIsAllocated() throws Exception {
    for (long length : List.of(-1L, 1L << 62, 99_000_000L, Long.MIN_VALUE, 0L)) {
      Files.write(
          file(), ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array());

      assertThatThrownBy(() -> Safetensors.open(file())).isInstanceOf(BadInputException.class);
    }
  }

  @Test
  void tensor_askedForByAnotherTypeOrName_isRefused() throws Exception {
    sample().write(file());
    Safetensors read = Safetensors.open(file());

    assertThatThrownBy(() -> read.floats("index")).hasMessageContaining("must be F32; is I32");
    assertThatThrownBy(() -> read.floats("wait")).hasMessageContaining("weight");
  }

  @Test
  void writer_withAShapeThatDoesNotFit_isRefused() {
    assertThatThrownBy(() -> new Safetensors.Writer().floats("t", new float[3], 2, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[2, 2]");
  }

  @Test
  void sameContent_givesTheSameBytes() throws Exception {
    sample().write(file());
    sample().write(folder.resolve("again"));

    assertThat(folder.resolve("again")).hasSameBinaryContentAs(file());
  }
}
