package org.embedllm.question;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.embedllm.correctness.Question;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.tensor.Safetensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VectorFileTest {
  private static final FloatMatrix MATRIX =
      FloatMatrix.copyOf(2, 3, new float[] {1, 2, 3, -4, 0.5f, 6});

  @TempDir private Path folder;

  private Path npy(String header, byte[] values, int version) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0x93);
    out.writeBytes("NUMPY".getBytes(StandardCharsets.US_ASCII));
    out.write(version);
    out.write(0);
    ByteBuffer length = ByteBuffer.allocate(version == 1 ? 2 : 4).order(ByteOrder.LITTLE_ENDIAN);
    if (version == 1) {
      length.putShort((short) header.length());
    } else {
      length.putInt(header.length());
    }
    out.writeBytes(length.array());
    out.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(values);
    return Files.write(folder.resolve("v.npy"), out.toByteArray());
  }

  private static byte[] floats(ByteOrder order, float... values) {
    ByteBuffer buffer = ByteBuffer.allocate(values.length * 4).order(order);
    for (float value : values) {
      buffer.putFloat(value);
    }
    return buffer.array();
  }

  private static byte[] rowMajor() {
    return floats(ByteOrder.LITTLE_ENDIAN, MATRIX.toArray());
  }

  @Test
  void npy_ofEveryLayout_isRead() throws IOException {
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n";
    assertThat(VectorFile.read(npy(header, rowMajor(), 1))).isEqualTo(MATRIX);
    assertThat(VectorFile.read(npy(header, rowMajor(), 2))).isEqualTo(MATRIX);
    byte[] byColumn = floats(ByteOrder.BIG_ENDIAN, 1, -4, 2, 0.5f, 3, 6);
    String fortran = "{'descr': '>f4', 'fortran_order': True, 'shape': (2, 3), }\n";
    assertThat(VectorFile.read(npy(fortran, byColumn, 1))).isEqualTo(MATRIX);
    ByteBuffer doubles = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer halves = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : MATRIX.toArray()) {
      doubles.putDouble(value);
      halves.putShort(Float.floatToFloat16(value));
    }
    assertThat(VectorFile.read(npy(header.replace("f4", "f8"), doubles.array(), 1)))
        .isEqualTo(MATRIX);
    assertThat(VectorFile.read(npy(header.replace("f4", "f2"), halves.array(), 1)))
        .isEqualTo(MATRIX);
  }

  @Test
  void npy_withWrongContent_isRefused() throws IOException {
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n";
    assertRefused(npy(header.replace("<f4", "|O"), rowMajor(), 1), "holds O");
    assertRefused(npy(header.replace("<f4", "<i4"), rowMajor(), 1), "i4");
    assertRefused(npy(header.replace("(2, 3)", "(6,)"), rowMajor(), 1), "two-dimensional");
    assertRefused(npy(header.replace("(2, 3)", "(2, 4)"), rowMajor(), 1), "incomplete");
    assertRefused(
        npy(header.replace("(2, 3)", "(999999999999, 999999999999)"), rowMajor(), 1), "too large");
    assertRefused(npy(header.replace("(2, 3)", "(0, 3)"), rowMajor(), 1), "no vectors");
    assertRefused(npy(header, rowMajor(), 9), "version");
    assertRefused(Files.writeString(folder.resolve("v.csv"), "1,2"), ".npy");
    assertRefused(folder.resolve("absent.npy"), "is no file");
  }

  @Test
  void npy_cutAtAnyByte_isRefused() throws IOException {
    Path file = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", rowMajor(), 1);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> VectorFile.read(file)).isInstanceOf(BadInputException.class);
    }
  }

  @Test
  void safetensors_withOneMatrix_isRead() throws IOException {
    Path file = folder.resolve("v.safetensors");
    new Safetensors.Writer().add("anything", MATRIX).ints("ids", new int[] {1, 2}, 2).write(file);
    assertThat(VectorFile.read(file)).isEqualTo(MATRIX);
    new Safetensors.Writer().add("a", MATRIX).add("b", MATRIX).write(file);
    assertRefused(file, "must hold one matrix");
    FloatMatrix other = FloatMatrix.copyOf(1, 1, new float[] {9});
    new Safetensors.Writer().add("a", other).add("embeddings", MATRIX).write(file);
    assertThat(VectorFile.read(file)).isEqualTo(MATRIX);
  }

  @Test
  void safetensors_ofHalfPrecision_isRead() throws IOException {
    ByteBuffer values = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : MATRIX.toArray()) {
      values.putShort((short) (Float.floatToIntBits(value) >>> 16));
    }
    byte[] header =
        "{\"x\":{\"dtype\":\"BF16\",\"shape\":[2,3],\"data_offsets\":[0,12]}}"
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer all =
        ByteBuffer.allocate(8 + header.length + 12)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .put(values.array());
    Path file = Files.write(folder.resolve("v.safetensors"), all.array());
    assertThat(VectorFile.read(file)).isEqualTo(MATRIX);
  }

  /// What `torch.save(tensor)` writes: protocol 2, a tensor of 2 × 3 float32.
  private static String tensorPickle(String storage, String rebuild) {
    return "\u0080\u0002c"
        + rebuild
        + "\nq\u0000((X\u0007\0\0\0storageq\u0001c"
        + storage
        + "\nq\u0002X\u0001\0\0\u00000q\u0003X\u0003\0\0\0cpuq\u0004K\u0006tq\u0005QK\u0000"
        + "K\u0002K\u0003\u0086q\u0006K\u0003K\u0001\u0086q\u0007\u0089ccollections\nOrderedDict\n"
        + "q\u0008)Rq\ttq\u000bRq\f.";
  }

  private Path torch(String pickle, byte[] values) throws IOException {
    Path file = folder.resolve("v.pth");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      store(zip, "archive/data.pkl", pickle.getBytes(StandardCharsets.ISO_8859_1));
      store(zip, "archive/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
      store(zip, "archive/data/0", values);
      store(zip, "archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    }
    return file;
  }

  private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 sum = new CRC32();
    sum.update(bytes);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(sum.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }

  private static final String REBUILD = "torch._utils\n_rebuild_tensor_v2";

  @Test
  void torch_tensor_isRead() throws IOException {
    Path file = torch(tensorPickle("torch\nFloatStorage", REBUILD), rowMajor());
    assertThat(VectorFile.read(file)).isEqualTo(MATRIX);
  }

  @Test
  void torch_stateDictionary_isRead() throws IOException {
    String tensor = tensorPickle("torch\nFloatStorage", REBUILD);
    String inner = tensor.substring(2, tensor.length() - 1);
    String dictionary =
        "\u0080\u0002ccollections\nOrderedDict\n)R(X\u0006\0\0\0weight"
            + inner
            + "X\u0004\0\0\0stepK\u0007u}X\u0009\0\0\0_metadata}sb.";
    assertThat(VectorFile.read(torch(dictionary, rowMajor()))).isEqualTo(MATRIX);
  }

  @Test
  void torch_transposedTensor_isRead() throws IOException {
    String pickle =
        tensorPickle("torch\nFloatStorage", REBUILD).replace("K\u0003K\u0001", "K\u0001K\u0002");
    byte[] byColumn = floats(ByteOrder.LITTLE_ENDIAN, 1, -4, 2, 0.5f, 3, 6);
    assertThat(VectorFile.read(torch(pickle, byColumn))).isEqualTo(MATRIX);
  }

  @Test
  void torch_thatCallsAnything_isRefusedBeforeItIsRun() throws IOException {
    for (String function :
        List.of(
            "os\nsystem", "posix\nsystem", "builtins\neval", "torch\nload", "java.lang\nRuntime")) {
      assertRefused(
          torch("\u0080\u0002c" + function + "\nX\u0004\0\0\0true\u0085R.", rowMajor()),
          "nothing in it is run");
      assertRefused(torch(tensorPickle("torch\nFloatStorage", function), rowMajor()), "asks for");
    }
    String stackGlobal =
        "\u0080\u0004\u008c\u0002os\u008c\u0006system\u0093\u008c\u0004true\u0085R.";
    assertRefused(torch(stackGlobal, rowMajor()), "os.system");
    assertRefused(torch("\u0080\u0002(X\u0004\0\0\0trueios\nsystem\n.", rowMajor()), "0x69");
    assertRefused(torch("\u0080\u0002c__builtin__\ngetattr\n.", rowMajor()), "getattr");
    assertRefused(torch(tensorPickle("torch\nLongStorage", REBUILD), rowMajor()), "LongStorage");
  }

  @Test
  void torch_thatIsDamaged_isRefused() throws IOException {
    String good = tensorPickle("torch\nFloatStorage", REBUILD);
    for (int length = 0; length < good.length(); length++) {
      Path file = torch(good.substring(0, length), rowMajor());
      assertThatThrownBy(() -> VectorFile.read(file)).isInstanceOf(BadInputException.class);
    }
    assertRefused(torch(good, floats(ByteOrder.LITTLE_ENDIAN, 1, 2)), "incomplete");
    assertRefused(torch("\u0080\u0002X\u00ff\u00ff\u00ff\u00ff.", rowMajor()), "damaged");
    assertRefused(torch("\u0080\u0002h\u0005.", rowMajor()), "never filled");
    assertRefused(torch("\u0080\u0002K\u0001.", rowMajor()), "one matrix");
    assertRefused(Files.writeString(folder.resolve("v.pth"), "no zip"), "no zip file");
  }

  @Test
  void torch_withABombBehindAStorage_isRefused() throws IOException {
    Path file = folder.resolve("v.pth");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("archive/data.pkl"));
      zip.write(tensorPickle("torch\nFloatStorage", REBUILD).getBytes(StandardCharsets.ISO_8859_1));
      zip.closeEntry();
      zip.putNextEntry(new ZipEntry("archive/data/0"));
      zip.write(new byte[1 << 20]);
      zip.closeEntry();
    }
    assertRefused(file, "uncompressed");
  }

  @Test
  void rows_numberedByIds_areTakenByNumber() {
    List<Question> numbered = List.of(new Question("1", "x", ""), new Question("0", "y", ""));
    assertThat(VectorFile.bind(folder, MATRIX, numbered).row(0)).containsExactly(-4, 0.5f, 6);
    List<Question> named = List.of(new Question("a", "x", ""), new Question("b", "y", ""));
    assertThat(VectorFile.bind(folder, MATRIX, named)).isEqualTo(MATRIX);
    assertThatThrownBy(() -> VectorFile.bind(folder, MATRIX, named.subList(0, 1)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("2 rows for 1 questions");
  }

  @Test
  void row_withNaN_isNamedWithItsFile() {
    FloatMatrix damaged =
        FloatMatrix.wrap(3, 2, new float[] {1, 2, 3, Float.NaN, Float.POSITIVE_INFINITY, 6});
    Path file = folder.resolve("mine.npy");
    List<Question> second = List.of(new Question("1", "x", ""));
    assertThatThrownBy(() -> VectorFile.bind(file, damaged, second))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("mine.npy")
        .hasMessageContaining("row 1 has NaN in column 1");
    List<Question> first = List.of(new Question("0", "x", ""));
    assertThat(VectorFile.bind(file, damaged, first).row(0)).containsExactly(1, 2);
  }

  private static void assertRefused(Path file, String message) {
    assertThatThrownBy(() -> VectorFile.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(message);
  }
}
