package org.embedllm.app.experiment.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Sha256;
import org.embedllm.tensor.Checksum;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.tensor.Safetensors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A cache of the results of finished trainings, from which an interrupted experiment continues.
///
/// The folder's name is the digest of everything that influences the results, so other data,
/// options or program versions find nothing. Every entry has a checksum; one that was altered
/// counts as missing.
public final class ResultCache {
  private static final String TENSOR = "values";
  private static final String CHECKSUM = "sha256"; // of the value's text
  private static final String VALUE = "value";
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
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      JsonNode entry = JSON.readTree(Files.readString(file));
      String value = entry.path(VALUE).toString();
      return Sha256.of(value).equals(entry.path(CHECKSUM).asString(""))
          ? Optional.of(entry.path(VALUE))
          : Optional.empty();
    } catch (IOException | JacksonException e) {
      return Optional.empty();
    }
  }

  public void put(String key, JsonNode value) {
    // As it will be read: a float32, for instance, is then a float64 of the same digits.
    JsonNode read = JSON.readTree(JSON.writeValueAsBytes(value));
    ObjectNode entry = JSON.createObjectNode();
    entry.put(CHECKSUM, Sha256.of(read.toString()));
    entry.set(VALUE, read);
    byte[] bytes = JSON.writeValueAsBytes(entry);
    write(() -> AtomicFile.writeStream(folder.resolve(name(key) + ".json"), o -> o.write(bytes)));
  }

  public Optional<FloatMatrix> matrix(String key) {
    Path file = folder.resolve(name(key) + ".safetensors");
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      Safetensors tensors = Safetensors.open(file);
      Checksum.verify(tensors, "delete it");
      return Optional.of(tensors.matrix(TENSOR));
    } catch (IOException | BadInputException e) {
      return Optional.empty();
    }
  }

  public void put(String key, FloatMatrix value) {
    var writer = new Checksum.Writer();
    writer.matrix(TENSOR, value);
    write(() -> writer.write(folder.resolve(name(key) + ".safetensors")));
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
