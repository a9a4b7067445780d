package org.embedllm.question;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;

/// Reads a matrix of numbers from a stream.
///
/// @param rows number of rows
/// @param columns number of columns
/// @param format how a value is stored
/// @param order byte order
/// @param byColumn whether values come column after column
record BinaryRows(int rows, int columns, ElementFormat format, ByteOrder order, boolean byColumn) {
  private static final int CHUNK = 1 << 16;

  /// Checks a shape against the available bytes.
  ///
  /// @param available bytes that the values may take
  static BinaryRows checked(
      Path file,
      long rows,
      long columns,
      ElementFormat format,
      ByteOrder order,
      boolean byColumn,
      long available) {
    boolean possible =
        rows >= 0
            && columns >= 0
            && (columns == 0 || rows <= (Integer.MAX_VALUE - 8) / columns)
            && columns <= Integer.MAX_VALUE - 8
            && rows <= Integer.MAX_VALUE - 8;
    if (!possible || rows * columns * format.bytes() > available) {
      throw BadInputException.in(
          file,
          "claims %d rows of %d values of %d bytes, but has %d bytes; it is incomplete or too large"
              .formatted(rows, columns, format.bytes(), available));
    }
    return new BinaryRows((int) rows, (int) columns, format, order, byColumn);
  }

  FloatMatrix read(Path file, InputStream in) throws IOException {
    float[] values = new float[rows * columns]; // [rows, columns]
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(order);
    int done = 0;
    while (done < values.length) {
      int count = Math.min(CHUNK / format.bytes(), values.length - done);
      if (in.readNBytes(chunk.array(), 0, count * format.bytes()) < count * format.bytes()) {
        throw BadInputException.in(
            file,
            "is truncated at value %d of %d".formatted(done, values.length),
            new EOFException());
      }
      chunk.clear();
      for (int i = 0; i < count; i++) {
        values[place(done + i)] = format.read(chunk);
      }
      done += count;
    }
    return FloatMatrix.wrap(rows, columns, values);
  }

  private int place(int index) {
    return byColumn ? index % rows * columns + index / rows : index;
  }
}
