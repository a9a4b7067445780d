package org.embedllm.dataset;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Utf8Text;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// `outputs.jsonl.gz`: `{"cell": c, "output": "..."}` for each cell whose text was kept, ascending;
/// c counts the cells of `responses.safetensors`.
///
/// @param digest the SHA-256 that the file must have; empty where none is known
record OutputsFile(Path file, Optional<String> digest) implements AnswerOutputs {
  @Override
  public boolean isEmpty() {
    return false;
  }

  /// @throws BadInputException when the file does not have its digest
  @Override
  public Cursor open() throws IOException {
    digest.ifPresent(stated -> StatedDigest.require(file, stated));
    return new Lines(file);
  }

  /// Writes the texts of all cells that have one.
  static void write(AnswerOutputs outputs, int cells, Path file) throws IOException {
    try (Cursor cursor = outputs.open();
        Writer out =
            new BufferedWriter(
                new OutputStreamWriter(
                    new GZIPOutputStream(Files.newOutputStream(file), 1 << 16),
                    StandardCharsets.UTF_8))) {
      for (int cell = 0; cell < cells; cell++) {
        String text = cursor.text(cell);
        if (!text.isEmpty()) {
          out.write(
              JsonRecords.JSON.createObjectNode().put("cell", cell).put("output", text).toString());
          out.write('\n');
        }
      }
    }
  }

  private static final class Lines implements Cursor {
    private final Path file;
    private final BufferedReader reader;
    private int nextCell = -1;
    private String nextText = "";

    Lines(Path file) throws IOException {
      this.file = file;
      this.reader =
          new BufferedReader(
              Utf8Text.of(file, new GZIPInputStream(Files.newInputStream(file), 1 << 16)));
    }

    @Override
    public String text(int cell) throws IOException {
      while (nextCell < cell) {
        next();
      }
      return nextCell == cell ? nextText : "";
    }

    private void next() throws IOException {
      try {
        String line = reader.readLine();
        if (line == null) {
          nextCell = Integer.MAX_VALUE;
          return;
        }
        JsonNode node = JsonRecords.JSON.readTree(line);
        nextCell = node.path("cell").asInt();
        nextText = node.path("output").asString("");
      } catch (JacksonException e) {
        throw BadInputException.in(file, "is damaged: a line of it is not valid JSON", e);
      } catch (IOException e) {
        throw SourceFile.failed(file, 0, e);
      }
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
