package org.embedllm.app.experiment.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Sha256;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.tensor.Safetensors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A cache of the results of finished trainings, from which an interrupted experiment continues.
///
/// The folder's name is the digest of everything that influences the results, so other data,
/// options or program versions find nothing. A damaged entry counts as missing.
public final class ResultCache {
  private static final String TENSOR = "values";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path folder;

  private ResultCache(Path folder) {
    this.folder = folder;
  }

  /// @param parent parent folder of the caches
  /// @param everything a text of everything that influences the results
  public static ResultCache of(Path parent, String everything) {
    return new ResultCache(parent.resolve(Sha256.of(everything).substring(0, 20)));
  }

  public Optional<JsonNode> json(String key) {
    Path file = folder.resolve(name(key) + ".json");
    try {
      return Files.exists(file)
          ? Optional.of(JSON.readTree(Files.readString(file)))
          : Optional.empty();
    } catch (IOException | JacksonException e) {
      return Optional.empty();
    }
  }

  public void put(String key, JsonNode value) {
    byte[] bytes = JSON.writeValueAsBytes(value);
    write(() -> AtomicFile.writeStream(folder.resolve(name(key) + ".json"), o -> o.write(bytes)));
  }

  public Optional<FloatMatrix> matrix(String key) {
    Path file = folder.resolve(name(key) + ".safetensors");
    try {
      return Files.exists(file)
          ? Optional.of(Safetensors.open(file).matrix(TENSOR))
          : Optional.empty();
    } catch (IOException | BadInputException e) {
      return Optional.empty();
    }
  }

  public void put(String key, FloatMatrix value) {
    write(() ->
        new Safetensors.Writer()
            .add(TENSOR, value)
            .write(folder.resolve(name(key) + ".safetensors")));
  }

  private interface Writing {
    void run() throws IOException;
  }

  private static void write(Writing writing) {
    try {
      writing.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A file name that starts readable and differs for every key.
  private static String name(String key) {
    String readable = key.replaceAll("[^A-Za-z0-9.-]+", "_");
    return readable.substring(0, Math.min(40, readable.length()))
        + "-"
        + Sha256.of(key).substring(0, 12);
  }
}
