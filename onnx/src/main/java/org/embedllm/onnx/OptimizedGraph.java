package org.embedllm.onnx;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.embedllm.storage.AtomicDirectory;
import org.embedllm.storage.BadInputException;

/// The graph of a bundled encoder as ONNX Runtime optimizes it, made once and kept in the cache.
///
/// Its weights are in a separate file, which is mapped into memory instead of being parsed and
/// copied: a session starts in less than half the time. It has no processor-specific optimization,
/// and gives the same vectors as the original graph.
final class OptimizedGraph {
  private static final String GRAPH = "graph.onnx";
  private static final String WEIGHTS = "weights.bin";
  private static final String SMALLEST_OUTSIDE = "1024";

  /// Two encoders of one process that are opened at once must not write the same graph at the same
  /// time, nor read one while it is being written: a session once read a complete graph as empty.
  private static final Object ONE_AT_A_TIME = new Object();

  private OptimizedGraph() {}

  /// A session on the optimized graph, which is made now if it does not exist or was altered. One
  /// that cannot be read is deleted.
  ///
  /// @return empty where the cache cannot be written or read: the weights in the jar can still be
  ///   used
  /// @throws BadInputException when the weights on the class path are not the expected ones
  static Optional<OrtSession> open(
      SentenceModel.ModelFile.InJar weights,
      Path cache,
      OrtEnvironment runtime,
      OrtSession.SessionOptions options)
      throws OrtException, IOException {
    Path folder =
        cache
            .resolve("encoders")
            .resolve(weights.name() + "-" + runtime.getVersion())
            .toAbsolutePath();
    Path graph = folder.resolve(GRAPH);
    synchronized (ONE_AT_A_TIME) {
      if (!isUnaltered(folder)) {
        try {
          makeOnce(folder, unfinished -> make(weights, unfinished, runtime));
        } catch (IOException e) {
          // A read-only or full disk: the caller reads the weights from the jar each time.
          return Optional.empty();
        }
      }
      try {
        return Optional.of(runtime.createSession(graph.toString(), options));
      } catch (OrtException e) {
        throwAway(folder);
        return Optional.empty();
      }
    }
  }

  private static boolean isUnaltered(Path folder) {
    return KeptFile.isUnaltered(folder.resolve(GRAPH))
        && KeptFile.isUnaltered(folder.resolve(WEIGHTS));
  }

  private static void throwAway(Path folder) {
    try {
      AtomicDirectory.delete(folder);
    } catch (IOException e) {
      return; // another process is at it, or nobody may: the weights in the jar are read either way
    }
  }

  /// Makes the folder unless another process has just done so: two concurrent writers would replace
  /// it while a third reads it.
  private static void makeOnce(Path folder, AtomicDirectory.Content content) throws IOException {
    Files.createDirectories(requireNonNull(folder.getParent()));
    Path guard = folder.resolveSibling(folder.getFileName() + ".lock");
    try (FileChannel channel =
        FileChannel.open(guard, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      lock(channel);
      if (!isUnaltered(folder)) {
        AtomicDirectory.write(folder, content);
      }
    }
  }

  /// Holds a lock until the channel is closed. Where the file system has no locks, two processes
  /// that start at once may make the folder over each other, and read the weights in the jar that
  /// once.
  private static void lock(FileChannel channel) {
    try {
      channel.lock();
    } catch (IOException | OverlappingFileLockException e) {
      // No lock: see above.
    }
  }

  private static void make(
      SentenceModel.ModelFile.InJar weights, Path folder, OrtEnvironment runtime)
      throws IOException {
    Path plain = folder.resolve("plain.onnx");
    ModelFiles.unpack(weights, plain);
    try (OrtSession.SessionOptions options = TokenGraph.options()) {
      options.setOptimizedModelFilePath(folder.resolve(GRAPH).toString());
      options.addConfigEntry("session.optimized_model_external_initializers_file_name", WEIGHTS);
      options.addConfigEntry(
          "session.optimized_model_external_initializers_min_size_in_bytes", SMALLEST_OUTSIDE);
      runtime.createSession(plain.toString(), options).close();
    } catch (OrtException e) {
      throw new IOException("ONNX Runtime could not write its optimized graph", e);
    }
    Files.delete(plain);
    KeptFile.record(folder.resolve(GRAPH));
    KeptFile.record(folder.resolve(WEIGHTS));
  }
}
