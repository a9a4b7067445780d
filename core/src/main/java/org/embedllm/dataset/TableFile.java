package org.embedllm.dataset;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.embedllm.source.file.DuckDb;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;

/// Writes a table as CSV, Parquet or `.npy`, by the ending of the file's name. The file is written
/// atomically.
public final class TableFile {
  private TableFile() {}

  /// Writes a table.
  ///
  /// - `.csv`: a header, labels, values and measures; an empty field where there is no value,
  /// - `.parquet`: labels as strings, values as floats, measures as doubles; null where there is no
  ///   value,
  /// - `.npy`: the values alone, float32 [rows, values] in C order, NaN where there is none; the
  ///   labels are written beside it as `NAME.rows.csv`, the names of the value columns as
  ///   `NAME.columns.csv`.
  ///
  /// @return the files written
  /// @throws BadInputException when the ending is another one, or Parquet is not available
  public static List<Path> write(ExportTable table, Path target) throws IOException {
    String name = String.valueOf(target.getFileName()).toLowerCase(Locale.ROOT);
    if (Files.isDirectory(target)) {
      throw BadInputException.in(target, "is a directory; name a .csv, .parquet or .npy file");
    }
    if (name.endsWith(".csv")) {
      writeCsv(table, target, true, true);
      return List.of(target);
    }
    if (name.endsWith(".parquet")) {
      writeParquet(table, target);
      return List.of(target);
    }
    if (name.endsWith(".npy")) {
      Path rows = beside(target, ".rows.csv");
      Path columns = beside(target, ".columns.csv");
      AtomicFile.writeStream(target, out -> writeNpy(table, out));
      writeCsv(table, rows, true, false);
      AtomicFile.writeStream(
          columns,
          out -> {
            CsvWriter csv = CsvWriter.builder().build(text(out));
            csv.writeRecord("column");
            table.valueNames().forEach(value -> csv.writeRecord(value));
            csv.flush();
          });
      return List.of(target, rows, columns);
    }
    throw BadInputException.in(
        target, "names no known kind of file; end it in .csv, .parquet or .npy");
  }

  private static Path beside(Path target, String ending) {
    String name = String.valueOf(target.getFileName());
    return target.resolveSibling(name.substring(0, name.length() - ".npy".length()) + ending);
  }

  private static Writer text(OutputStream out) {
    return new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), 1 << 16);
  }

  private static void writeCsv(ExportTable table, Path target, boolean labels, boolean values)
      throws IOException {
    AtomicFile.writeStream(target, out -> csvRows(table, out, labels, values));
  }

  private static void csvRows(ExportTable table, OutputStream out, boolean labels, boolean values)
      throws IOException {
    CsvWriter csv = CsvWriter.builder().build(text(out));
    int labelCount = labels ? table.labelNames().size() : 0;
    int valueCount = values ? table.valueNames().size() : 0;
    List<String> header = new ArrayList<>(table.labelNames().subList(0, labelCount));
    header.addAll(table.valueNames().subList(0, valueCount));
    int measureCount = values ? table.measureNames().size() : 0;
    header.addAll(table.measureNames().subList(0, measureCount));
    csv.writeRecord(header);
    String[] row = new String[labelCount + valueCount + measureCount];
    for (int j = 0; j < table.rowCount(); j++) {
      for (int c = 0; c < labelCount; c++) {
        row[c] = table.label(j, c);
      }
      for (int c = 0; c < valueCount; c++) {
        float value = table.value(j, c);
        row[labelCount + c] = Float.isNaN(value) ? "" : Float.toString(value);
      }
      for (int c = 0; c < measureCount; c++) {
        row[labelCount + valueCount + c] = measure(table.measure(j, c));
      }
      csv.writeRecord(row);
    }
    csv.flush();
  }

  /// A measure without an exponent; a whole number without a fraction.
  private static String measure(double value) {
    if (Double.isNaN(value)) {
      return "";
    }
    BigDecimal decimal = BigDecimal.valueOf(value);
    return decimal.signum() == 0 ? "0" : decimal.stripTrailingZeros().toPlainString();
  }

  /// Version 1.0 of numpy's format: magic, header length, a header that ends at a multiple of 64
  /// bytes, the values.
  private static void writeNpy(ExportTable table, OutputStream out) throws IOException {
    int columns = table.valueNames().size();
    String dictionary =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }"
            .formatted(table.rowCount(), columns);
    int padding = 64 - (10 + dictionary.length() + 1) % 64;
    byte[] header =
        (dictionary + " ".repeat(padding % 64) + "\n").getBytes(StandardCharsets.US_ASCII);
    out.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    out.write(header.length & 0xff);
    out.write(header.length >> 8);
    out.write(header);
    ByteBuffer row = ByteBuffer.allocate(4 * columns).order(ByteOrder.LITTLE_ENDIAN);
    for (int j = 0; j < table.rowCount(); j++) {
      row.clear();
      for (int c = 0; c < columns; c++) {
        row.putFloat(table.value(j, c));
      }
      out.write(row.array());
    }
  }

  /// Through a CSV file that DuckDB streams into Parquet, so memory does not depend on the size of
  /// the table.
  private static void writeParquet(ExportTable table, Path target) throws IOException {
    AtomicFile.withTemporary(
        target,
        csv -> {
          try (OutputStream out = Files.newOutputStream(csv)) {
            csvRows(table, out, true, true);
          }
          AtomicFile.writeNamed(target, parquet -> convert(table, csv, parquet, target));
        });
  }

  private static void convert(ExportTable table, Path csv, Path parquet, Path target)
      throws IOException {
    try (Connection duckdb = DuckDb.open(target);
        Statement statement = duckdb.createStatement()) {
      statement.execute(
          "COPY (SELECT * FROM read_csv(%s, header = true, delim = ',', quote = '\"', escape = '\"', auto_detect = false, parallel = false, max_line_size = 67108864, columns = {%s})) TO %s (FORMAT parquet, COMPRESSION zstd)"
              .formatted(DuckDb.files(csv), columns(table), DuckDb.literal(parquet.toString())));
    } catch (SQLException e) {
      throw new IOException(target + ": cannot be written as Parquet: " + e.getMessage(), e);
    }
  }

  private static String columns(ExportTable table) {
    List<String> columns = new ArrayList<>();
    for (String label : table.labelNames()) {
      columns.add(DuckDb.literal(label) + ": 'VARCHAR'");
    }
    for (String value : table.valueNames()) {
      columns.add(DuckDb.literal(value) + ": 'FLOAT'");
    }
    for (String measure : table.measureNames()) {
      columns.add(DuckDb.literal(measure) + ": 'DOUBLE'");
    }
    return String.join(", ", columns);
  }
}
