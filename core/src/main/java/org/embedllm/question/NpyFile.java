package org.embedllm.question;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;

/// A numpy `.npy` file of versions 1 to 3 with a two-dimensional array of floats.
///
/// Layout: the bytes 93 `NUMPY`, major and minor version, length of the header (2 bytes
/// little-endian in version 1, else 4), the header as a Python dictionary, the values.
final class NpyFile {
  private static final int MAX_HEADER = 1 << 16;
  private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*'([<>|=]?)(\\w+)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE =
      Pattern.compile("'shape'\\s*:\\s*\\(\\s*(\\d{1,12})\\s*,\\s*(\\d{1,12})\\s*,?\\s*\\)");

  private NpyFile() {}

  static FloatMatrix read(Path file) throws IOException {
    long size = Files.size(file);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      byte[] start = in.readNBytes(8);
      if (start.length < 8
          || start[0] != (byte) 0x93
          || !new String(start, 1, 5, StandardCharsets.US_ASCII).equals("NUMPY")
          || start[6] < 1
          || start[6] > 3) {
        throw BadInputException.in(file, "is no .npy file of version 1 to 3");
      }
      int lengthBytes = start[6] == 1 ? 2 : 4;
      byte[] length = in.readNBytes(lengthBytes);
      long header = length.length < lengthBytes ? -1 : unsigned(length);
      if (header < 0 || header > MAX_HEADER || header > size - 8 - lengthBytes) {
        throw BadInputException.in(file, "has an impossible header length of " + header);
      }
      String text = new String(in.readNBytes((int) header), StandardCharsets.ISO_8859_1);
      return rows(file, text, size - 8 - lengthBytes - header).read(file, in);
    }
  }

  private static BinaryRows rows(Path file, String header, long available) {
    Matcher type = TYPE.matcher(header);
    Matcher order = ORDER.matcher(header);
    Matcher shape = SHAPE.matcher(header);
    if (!type.find() || !order.find() || !shape.find()) {
      throw BadInputException.in(
          file, "must hold a two-dimensional array of floats; its header is " + header.strip());
    }
    ElementFormat format =
        ElementFormat.ofNumpy(type.group(2))
            .orElseThrow(() ->
                BadInputException.in(
                    file, "must hold float16, float32 or float64; holds " + type.group(2)));
    return BinaryRows.checked(
        file,
        Long.parseLong(shape.group(1)),
        Long.parseLong(shape.group(2)),
        format,
        type.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
        order.group(1).equals("True"),
        available);
  }

  private static long unsigned(byte[] littleEndian) {
    ByteBuffer buffer = ByteBuffer.wrap(littleEndian).order(ByteOrder.LITTLE_ENDIAN);
    return littleEndian.length == 2
        ? Short.toUnsignedInt(buffer.getShort())
        : Integer.toUnsignedLong(buffer.getInt());
  }
}
