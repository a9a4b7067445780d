package org.embedllm.question;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.embedllm.correctness.Question;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Sha256;
import org.embedllm.tensor.FloatMatrix;

/// Imported question vectors in a file: numpy `.npy`, `.safetensors`, or torch `.pth` and `.pt`.
/// Nothing in a file is executed, and every size is checked against the file's length before memory
/// is allocated.
public final class VectorFile {
  private VectorFile() {}

  /// The file's one matrix as float32; float16, bfloat16 and float64 are converted.
  ///
  /// @return [rows, q]
  /// @throws BadInputException when the file has no such matrix, several, or is damaged
  public static FloatMatrix read(Path file) throws IOException {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    if (!Files.isRegularFile(file)) {
      throw BadInputException.in(file, "is no file; vectors come in .npy, .safetensors or .pth");
    }
    FloatMatrix matrix;
    if (name.endsWith(".npy")) {
      matrix = NpyFile.read(file);
    } else if (name.endsWith(".safetensors")) {
      matrix = SafetensorsVectors.read(file);
    } else if (name.endsWith(".pth") || name.endsWith(".pt")) {
      matrix = TorchFile.read(file);
    } else {
      throw BadInputException.in(file, "vectors come in .npy, .safetensors, .pth or .pt");
    }
    if (matrix.rows() == 0 || matrix.columns() == 0) {
      throw BadInputException.in(
          file,
          "holds no vectors: its shape is [%d, %d]".formatted(matrix.rows(), matrix.columns()));
    }
    return matrix;
  }

  /// The file as the maker of its vectors: its name, and the digest of its bytes.
  public static EncoderIdentity identity(Path file, int dimension) throws IOException {
    var digest = Sha256.newDigest();
    try (var in = Channels.newInputStream(FileChannel.open(file, StandardOpenOption.READ))) {
      byte[] buffer = new byte[1 << 16];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
    }
    return new EncoderIdentity(
        "file:" + file.getFileName(), HexFormat.of().formatHex(digest.digest()), dimension, 0);
  }

  /// The vectors of the given questions, in their order.
  ///
  /// Where every id is a number below the count of rows, row i belongs to the question with id i:
  /// the convention of the public data set. Otherwise there is a row for each question, in order.
  ///
  /// @param rows [rows, q], the file's matrix
  /// @return [n, q]
  /// @throws BadInputException when neither fits
  public static FloatMatrix bind(Path file, FloatMatrix rows, List<Question> questions) {
    int[] byId = new int[questions.size()];
    boolean numbered = true;
    for (int j = 0; j < byId.length && numbered; j++) {
      String id = questions.get(j).id();
      numbered = id.matches("\\d{1,9}") && Integer.parseInt(id) < rows.rows();
      byId[j] = numbered ? Integer.parseInt(id) : 0;
    }
    if (numbered) {
      requireFinite(file, rows, byId);
      return rows.selectRows(byId);
    }
    if (rows.rows() != questions.size()) {
      throw BadInputException.in(
          file,
          ("has %d rows for %d questions, and their ids are no row numbers; give one row for each"
                  + " question, in the data set's order")
              .formatted(rows.rows(), questions.size()));
    }
    requireFinite(file, rows, IntStream.range(0, rows.rows()).toArray());
    return rows;
  }

  private static void requireFinite(Path file, FloatMatrix matrix, int[] rows) {
    for (int row : rows) {
      for (int k = 0; k < matrix.columns(); k++) {
        if (!Float.isFinite(matrix.get(row, k))) {
          throw BadInputException.in(
              file,
              "row %d has %s in column %d (both from 0); every value must be a finite number"
                  .formatted(row, matrix.get(row, k), k));
        }
      }
    }
  }
}
