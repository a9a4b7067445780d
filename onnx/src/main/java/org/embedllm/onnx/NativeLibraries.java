package org.embedllm.onnx;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.ShutdownTasks;

/// Configures the native libraries: their folder, and no network.
///
/// ONNX Runtime unpacks its library (24 MB) into a new temporary folder at each start; here it is
/// unpacked once. The tokenizers library asks a server for its version unless configured otherwise.
/// Both read system properties only, and only before their first use. Properties that the user has
/// set are kept.
final class NativeLibraries {
  private static final String ORT_PATH = "onnxruntime.native.path";

  /// The first attempt to load ONNX Runtime: errors of later ones do not say why.
  private static final class FirstAttempt {
    private static final Optional<String> FAILURE = failure();

    private static Optional<String> failure() {
      Set<Path> before = folders();
      try {
        OrtEnvironment.getEnvironment();
        return Optional.empty();
      } catch (LinkageError e) {
        return Optional.of(reason(e));
      } finally {
        Set<Path> made = folders();
        made.removeAll(before);
        ShutdownTasks.add(() -> made.forEach(FirstAttempt::delete));
      }
    }

    /// Temporary folders that ONNX Runtime makes also where it unpacks nothing, and deletes only
    /// where its process ends by itself.
    private static Set<Path> folders() {
      Set<Path> found = new HashSet<>();
      Path all = Path.of(System.getProperty("java.io.tmpdir"));
      try (DirectoryStream<Path> matching = Files.newDirectoryStream(all, "onnxruntime-java*")) {
        matching.forEach(found::add);
      } catch (IOException | DirectoryIteratorException e) {
        // Then nothing is deleted.
        return found;
      }
      return found;
    }

    private static void delete(Path folder) {
      try {
        Files.deleteIfExists(folder);
      } catch (IOException e) {
        // Something is in it: another process unpacked there.
        return;
      }
    }
  }

  private NativeLibraries() {}

  /// Before the first use of the tokenizers library.
  ///
  /// @param cache the folder for unpacked files
  static void offline(Path cache) {
    setIfAbsent("ai.djl.offline", "true");
    setIfAbsent("OPT_OUT_TRACKING", "true");
    // Otherwise it looks for graphics processors, and reports when there are none.
    setIfAbsent("RUST_FLAVOR", "cpu");
    setIfAbsent("DJL_CACHE_DIR", cache.resolve("tokenizers").toAbsolutePath().toString());
  }

  /// ONNX Runtime, loaded on first use.
  ///
  /// @param cache the folder for unpacked files
  /// @throws BadInputException when its native library cannot be loaded on this machine
  static synchronized OrtEnvironment runtime(Path cache) {
    if (System.getProperty(ORT_PATH) == null) {
      unpackedRuntime(cache).ifPresent(folder -> System.setProperty(ORT_PATH, folder.toString()));
    }
    if (FirstAttempt.FAILURE.isPresent()) {
      throw BadInputException.of(
          "ONNX Runtime, which encodes texts, cannot be loaded: %s; its native library is for 64-bit Linux with glibc, macOS and Windows"
              .formatted(FirstAttempt.FAILURE.get()));
    }
    return OrtEnvironment.getEnvironment();
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  private static void setIfAbsent(String key, String value) {
    if (System.getProperty(key) == null) {
      System.setProperty(key, value);
    }
  }

  /// The folder with ONNX Runtime's libraries, which are unpacked where they are not there or were
  /// altered; empty where this platform has none in the jar or the cache cannot be written, and
  /// ONNX Runtime then uses its default.
  static Optional<Path> unpackedRuntime(Path cache) {
    String platform = platform();
    String version = version();
    Path folder =
        cache.resolve("native").resolve("onnxruntime-" + version + "-" + platform).toAbsolutePath();
    try {
      for (String name : libraryNames()) {
        Path target = folder.resolve(name);
        if (!KeptFile.isUnaltered(target) && !unpack(platform, name, target)) {
          return Optional.empty();
        }
      }
      return Optional.of(folder);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean unpack(String platform, String name, Path target) throws IOException {
    String resource = "/ai/onnxruntime/native/" + platform + "/" + name;
    try (InputStream in = ai.onnxruntime.OnnxValue.class.getResourceAsStream(resource)) {
      if (in == null) {
        return false;
      }
      AtomicFile.writeStream(target, in::transferTo);
      KeptFile.record(target);
      return true;
    }
  }

  private static List<String> libraryNames() {
    return List.of(
        System.mapLibraryName("onnxruntime"), System.mapLibraryName("onnxruntime4j_jni"));
  }

  /// The platform as ONNX Runtime names its folders.
  private static String platform() {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    String os = system.startsWith("windows") ? "win" : system.startsWith("mac") ? "osx" : "linux";
    return os
        + (machine.startsWith("aarch64") || machine.startsWith("arm64") ? "-aarch64" : "-x64");
  }

  private static String version() {
    Package library = ai.onnxruntime.OnnxValue.class.getPackage();
    String version = library.getImplementationVersion();
    return version == null ? "unknown" : version;
  }
}
