package org.embedllm.spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.ServedForecaster;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.routing.ModelPrices;
import org.embedllm.storage.AtomicDirectory;
import org.jspecify.annotations.Nullable;

/// A model file with what goes with it, sent to each process as bytes and opened there once.
final class BroadcastModel implements Serializable {
  private static final long serialVersionUID = 1;
  private static final String MODEL = "model.safetensors";
  private static final String PRICES = "prices.csv";

  private final TreeMap<String, byte[]> files = new TreeMap<>(); // by relative path
  private final String policy;
  private transient @Nullable BatchRouter opened;

  /// @param prices of calls, where there are some
  /// @param policy in its text form
  BroadcastModel(Path model, @Nullable Path prices, String policy) throws IOException {
    this.policy = policy;
    files.put(MODEL, Files.readAllBytes(model));
    ModelArtifact artifact = ModelArtifact.open(model);
    Path questions = TrainingQuestions.folder(model);
    if (artifact.served(model).kind() == ServedForecaster.Kind.NEIGHBORS) {
      try (Stream<Path> all = Files.walk(questions)) {
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          files.put(MODEL + ".questions/" + questions.relativize(file), Files.readAllBytes(file));
        }
      }
    }
    if (prices != null) {
      ModelPrices.read(prices); // Its errors belong to the driver.
      files.put(PRICES, Files.readAllBytes(prices));
    }
  }

  /// The opened router; the same object for all tasks of a process.
  synchronized BatchRouter open() {
    BatchRouter router = opened;
    if (router == null) {
      try {
        router = read();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      opened = router;
    }
    return router;
  }

  private BatchRouter read() throws IOException {
    Path folder = Files.createTempDirectory("embedllm-model");
    try {
      for (var file : files.entrySet()) {
        Path place = folder.resolve(file.getKey());
        Path parent = place.getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        Files.write(place, file.getValue());
      }
      Path model = folder.resolve(MODEL);
      ModelArtifact artifact = ModelArtifact.open(model);
      return new BatchRouter(
          artifact,
          artifact.served(model),
          files.containsKey(PRICES)
              ? ModelPrices.read(folder.resolve(PRICES))
              : ModelPrices.UNKNOWN,
          policy);
    } finally {
      AtomicDirectory.delete(folder);
    }
  }
}
