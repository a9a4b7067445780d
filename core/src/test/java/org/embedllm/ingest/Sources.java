package org.embedllm.ingest;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.dataset.Dataset;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.file.ImportProgress;

/// Source files for tests, and what was read from them.
public final class Sources {
  public static final String HEADER =
      "prompt_id,model_id,category_id,label,prompt,model_name,category\n";

  private Sources() {}

  public static Path write(Path file, String text) {
    return write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  public static Path write(Path file, byte[] bytes) {
    try {
      if (file.getParent() != null) {
        Files.createDirectories(file.getParent());
      }
      return Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Path gzip(Path file, String text) {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Dataset read(ImportOptions options, Path... sources) {
    return new DatasetImporter(options, ImportProgress.NONE).read(List.of(sources));
  }

  public static Dataset read(Path... sources) {
    return read(ImportOptions.DEFAULT, sources);
  }

  /// The score of a model on the question with a text, or NaN.
  public static float score(Dataset dataset, String model, String text) {
    CorrectnessMatrix matrix = dataset.data().matrix();
    for (int j = 0; j < matrix.questionCount(); j++) {
      if (matrix.questions().get(j).text().equals(text)) {
        return matrix.score(matrix.modelIndex(model).orElseThrow(), j);
      }
    }
    throw new AssertionError("no question " + text);
  }
}
