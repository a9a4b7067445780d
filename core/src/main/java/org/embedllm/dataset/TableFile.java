package org.embedllm.dataset;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.embedllm.source.file.DuckDb;
import org.embedllm.source.file.FormulaEscape;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.SingleWriter;

/// Writes a table as CSV, Parquet or `.npy`, by the ending of the file's name. The file is written
/// atomically; the three files of `.npy` are replaced one right after the other, the matrix last.
public final class TableFile {
  /// The first bytes of a `.npy` file, version 1.0.
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

  private TableFile() {}

  /// What CSV files do with texts that a spreadsheet would run as formulas.
  public enum Formulas {
    /// They get an apostrophe in front, see [FormulaEscape].
    ESCAPED,
    /// They are written as they are.
    RAW
  }

  /// Writes a table, with formulas escaped.
  ///
  /// @throws BadInputException when the ending is another one, or Parquet is not available
  public static List<Path> write(ExportTable table, Path target) throws IOException {
    return write(table, target, Formulas.ESCAPED);
  }

  /// Writes a table.
  ///
  /// - `.csv`: a header, labels, values and measures; an empty field where there is no value; a
  ///   last column that says so where formulas are escaped,
  /// - `.parquet`: labels as strings, values as floats, measures as doubles; null where there is no
  ///   value,
  /// - `.npy`: the values alone, float32 [rows, values] in C order, NaN where there is none; the
  ///   labels are written beside it as `NAME.rows.csv`, the names of the value columns as
  ///   `NAME.columns.csv`.
  ///
  /// @return the files written
  /// @throws BadInputException when the ending is another one, or Parquet is not available
  public static List<Path> write(ExportTable table, Path target, Formulas formulas)
      throws IOException {
    String name = String.valueOf(target.getFileName()).toLowerCase(Locale.ROOT);
    if (Files.isDirectory(target)) {
      throw BadInputException.in(target, "is a directory; name a .csv, .parquet or .npy file");
    }
    if (name.endsWith(".csv")) {
      writeCsv(table, target, formulas);
      return List.of(target);
    }
    if (name.endsWith(".parquet")) {
      writeParquet(table, target);
      return List.of(target);
    }
    if (name.endsWith(".npy")) {
      return writeMatrix(table, target, formulas);
    }
    throw BadInputException.in(
        target, "names no known kind of file; end it in .csv, .parquet or .npy");
  }

  /// All bytes are on the disk before the first of the three files has its name, and the matrix
  /// gets its name and its time last.
  private static List<Path> writeMatrix(ExportTable table, Path target, Formulas formulas)
      throws IOException {
    Path rows = beside(target, ".rows.csv");
    Path columns = beside(target, ".columns.csv");
    List<Path> files = List.of(target, rows, columns);
    files.forEach(AtomicFile::requirePlace);
    AtomicFile.requireSpace(target, 4L * table.rowCount() * table.valueNames().size());
    SingleWriter.write(
        target,
        () ->
            AtomicFile.write(
                target,
                channel -> {
                  OutputStream out =
                      new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
                  writeNpy(table, out);
                  out.flush();
                  channel.force(true);
                  writeLabels(table, rows, columns, formulas);
                  channel.write(ByteBuffer.wrap(MAGIC), 0); // The newest of the three.
                }));
    return files;
  }

  private static void writeLabels(ExportTable table, Path rows, Path columns, Formulas formulas)
      throws IOException {
    Labels labels = Labels.of(table, false);
    AtomicFile.requireSpace(rows, labels.leastBytes());
    boolean escaped = formulas == Formulas.ESCAPED && labels.formulas();
    AtomicFile.write(
        rows,
        channel -> {
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
          csvRows(table, out, false, escaped);
          out.flush();
          channel.force(true);
          AtomicFile.writeStream(columns, names -> writeColumns(table, names, formulas));
        });
  }

  private static void writeColumns(ExportTable table, OutputStream out, Formulas formulas)
      throws IOException {
    CsvWriter csv = CsvWriter.builder().build(text(out));
    List<String> names = table.valueNames();
    boolean escaped =
        formulas == Formulas.ESCAPED && names.stream().anyMatch(FormulaEscape::isNeeded);
    csv.writeRecord(escaped ? List.of("column", FormulaEscape.COLUMN) : List.of("column"));
    names.forEach(value ->
        csv.writeRecord(
            escaped ? List.of(FormulaEscape.escaped(value), FormulaEscape.MARK) : List.of(value)));
    csv.flush();
  }

  private static Path beside(Path target, String ending) {
    String name = String.valueOf(target.getFileName());
    return target.resolveSibling(name.substring(0, name.length() - ".npy".length()) + ending);
  }

  private static Writer text(OutputStream out) {
    return new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), 1 << 16);
  }

  private static void writeCsv(ExportTable table, Path target, Formulas formulas)
      throws IOException {
    Labels labels = Labels.of(table, true);
    AtomicFile.requireSpace(target, labels.leastBytes());
    boolean escaped = formulas == Formulas.ESCAPED && labels.formulas();
    AtomicFile.writeStream(target, out -> csvRows(table, out, true, escaped));
  }

  /// What a first look at all labels tells.
  ///
  /// @param formulas whether a spreadsheet would run one of them
  /// @param leastBytes that a CSV file of the table takes: its labels and separators
  private record Labels(boolean formulas, long leastBytes) {
    /// @param values whether there are values and measures, or labels alone
    static Labels of(ExportTable table, boolean values) {
      int labels = table.labelNames().size();
      int columns = labels + (values ? table.valueNames().size() + table.measureNames().size() : 0);
      boolean formulas =
          Stream.concat(
                  table.labelNames().stream(),
                  values ? table.valueNames().stream() : Stream.empty())
              .anyMatch(FormulaEscape::isNeeded);
      long bytes = (long) columns * table.rowCount();
      for (int j = 0; j < table.rowCount(); j++) {
        for (int c = 0; c < labels; c++) {
          String label = table.label(j, c);
          bytes += label.length();
          formulas |= FormulaEscape.isNeeded(label);
        }
      }
      return new Labels(formulas, bytes);
    }
  }

  /// @param values whether there are values and measures, or labels alone
  private static void csvRows(ExportTable table, OutputStream out, boolean values, boolean escaped)
      throws IOException {
    CsvWriter csv = CsvWriter.builder().build(text(out));
    int labelCount = table.labelNames().size();
    int valueCount = values ? table.valueNames().size() : 0;
    int measureCount = values ? table.measureNames().size() : 0;
    List<String> header = new ArrayList<>(table.labelNames());
    header.addAll(table.valueNames().subList(0, valueCount));
    header.addAll(table.measureNames().subList(0, measureCount));
    if (escaped) {
      header.replaceAll(FormulaEscape::escaped);
      header.add(FormulaEscape.COLUMN);
    }
    csv.writeRecord(header);
    String[] row = new String[header.size()];
    if (escaped) {
      row[row.length - 1] = FormulaEscape.MARK;
    }
    for (int j = 0; j < table.rowCount(); j++) {
      for (int c = 0; c < labelCount; c++) {
        String label = table.label(j, c);
        row[c] = escaped ? FormulaEscape.escaped(label) : label;
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
    out.write(MAGIC);
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
    AtomicFile.requireSpace(target, Labels.of(table, true).leastBytes());
    AtomicFile.withTemporary(
        target,
        csv -> {
          try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(csv), 1 << 16)) {
            csvRows(table, out, true, false);
          }
          AtomicFile.writeNamed(target, parquet -> convert(table, csv, parquet, target));
        });
  }

  private static void convert(ExportTable table, Path csv, Path parquet, Path target)
      throws IOException {
    try (Connection duckdb = DuckDb.open(target);
        Statement statement = duckdb.createStatement()) {
      statement.execute(
          "COPY (SELECT * FROM read_csv(%s, header = true, delim = ',', quote = '\"', escape = '\"', auto_detect = false, parallel = false, max_line_size = 67108864, columns = {%s})) TO %s (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)"
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
