package org.embedllm.app.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.embedllm.question.VectorFile;

/// Question vectors and model files.
final class VectorTargets {
  private static final int MATRIX_BYTES = 24; // 2 × 3 float32

  private VectorTargets() {}

  static List<FuzzTarget> all() throws IOException {
    byte[] pickle = pickle();
    return List.of(
        new FuzzTarget(
            "npy",
            TableTargets.inFile("v.npy", VectorFile::read),
            List.of(
                npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"),
                npy(2, "{'descr': '>f2', 'fortran_order': True, 'shape': (3, 4), }"),
                npy(3, "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 3), }"))),
        new FuzzTarget(
            "safetensors",
            TableTargets.inFile("v.safetensors", VectorFile::read),
            List.of(
                safetensors("{\"vectors\":{\"dtype\":\"F32\",\"shape\":[2,3],"),
                safetensors(
                    "{\"__metadata__\":{\"format\":\"pt\"},\"x\":{\"dtype\":\"BF16\",\"shape\":[3,4],"))),
        new FuzzTarget(
            "torch", TableTargets.inFile("v.pth", VectorFile::read), List.of(zip(pickle))),
        // The sums of a zip file stop nearly all changes of its content: here they are right.
        new FuzzTarget(
            "pickle",
            (folder, bytes) -> VectorFile.read(Files.write(folder.resolve("v.pth"), zip(bytes))),
            List.of(pickle, dictionary())));
  }

  private static byte[] npy(int version, String header) {
    String padded = header + " ".repeat(115 - header.length()) + "\n";
    ByteBuffer file =
        ByteBuffer.allocate(128 + MATRIX_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    if (version == 1) {
      file.putShort((short) padded.length());
    } else {
      file.putInt(padded.length());
    }
    file.put(padded.getBytes(StandardCharsets.US_ASCII));
    return Arrays.copyOf(file.array(), file.position() + MATRIX_BYTES);
  }

  /// @param start of the header, up to the places of the one matrix
  private static byte[] safetensors(String start) {
    byte[] header =
        (start + "\"data_offsets\":[0," + MATRIX_BYTES + "]}}").getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + header.length + MATRIX_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  /// What `torch.save` writes of a tensor of 2 × 3 float32: protocol 2.
  private static byte[] pickle() {
    String text =
        "\u0080\u0002ctorch._utils\n_rebuild_tensor_v2\nq\u0000((X\u0007\0\0\0storageq\u0001ctorch\n"
            + "FloatStorage\nq\u0002X\u0001\0\0\u00000q\u0003X\u0003\0\0\0cpuq\u0004K\u0006tq\u0005Q"
            + "K\u0000K\u0002K\u0003\u0086q\u0006K\u0003K\u0001\u0086q\u0007\u0089ccollections\n"
            + "OrderedDict\nq\u0008)Rq\ttq\u000bRq\f.";
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /// Every operation that the reader knows: a dictionary of protocol 4 with lists, numbers and
  /// texts beside the tensor.
  private static byte[] dictionary() {
    String numbers = "(J\1\2\0\0K\1M\2\1\u008a\1\u00ffG?\u00f0\0\0\0\0\0\0\u0088\u0089Nt\u0094";
    String call = "\u008c\u000ctorch._utils\u008c\u0012_rebuild_tensor_v2\u0093\u0094";
    String storage = "(\u008c\7storagectorch\nFloatStorage\n\u008c\0010\u008c\3cpuK\6tQ";
    String tensor =
        call + "(" + storage + "K\0K\2K\3\u0086K\3K\1\u0086\u0089ccollections\nOrderedDict\n)RtR";
    String text =
        "\u0080\4\u0095\0\0\0\0\0\0\0\0}q\1(\u008c\1n"
            + numbers
            + "\u008c\1l]r\2\0\0\0(K\1K\2eK\3ah\1j\2\0\0\0K\1\u0087au\u008c\1v"
            + tensor
            + "s\u008c\1bK\1\u0085s}b.";
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] zip(byte[] pickle) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "archive/data.pkl", pickle);
      store(zip, "archive/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
      store(zip, "archive/data/0", new byte[MATRIX_BYTES]);
    }
    return bytes.toByteArray();
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
}
