package org.embedllm.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The user's cache folder.
public final class UserCache {
  /// Names the folder, if set.
  public static final String VARIABLE = "EMBEDLLM_CACHE";

  private UserCache() {}

  /// `$EMBEDLLM_CACHE`, else the platform's cache folder of the user with `embedllm` in it, which
  /// is not made here. Who has no home and has named no folder gets one that ends with the process.
  ///
  /// @param environment usually `System.getenv()`
  public static Path folder(Map<String, String> environment) {
    return ofUser(environment).orElseGet(() -> OfProcess.FOLDER);
  }

  private static final class OfProcess {
    static final Path FOLDER = made();

    private static Path made() {
      try {
        return ProcessFolder.make("cache").path();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static Path place(Map<String, String> environment) {
    String chosen = environment.getOrDefault(VARIABLE, "");
    if (!chosen.isBlank()) {
      return Path.of(chosen);
    }
    Path home = Path.of(System.getProperty("user.home", "."));
    if (isWindows()) {
      return base(environment, "LOCALAPPDATA", home.resolve("AppData").resolve("Local"))
          .resolve("embedllm")
          .resolve("cache");
    }
    Path usual =
        System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("mac")
            ? home.resolve("Library").resolve("Caches")
            : home.resolve(".cache");
    return base(environment, "XDG_CACHE_HOME", usual).resolve("embedllm");
  }

  /// The same, where the user has a home or has named a folder: who has neither keeps nothing.
  public static Optional<Path> ofUser(Map<String, String> environment) {
    boolean named =
        Stream.of(VARIABLE, "XDG_CACHE_HOME", "LOCALAPPDATA")
            .anyMatch(variable -> !environment.getOrDefault(variable, "").isBlank());
    boolean home = Files.isDirectory(Path.of(System.getProperty("user.home", "")).toAbsolutePath());
    boolean stated = !environment.getOrDefault("HOME", "").isBlank() || isWindows();
    return named || (home && stated) ? Optional.of(place(environment)) : Optional.empty();
  }

  private static boolean isWindows() {
    return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
  }

  private static Path base(Map<String, String> environment, String variable, Path usual) {
    String value = environment.getOrDefault(variable, "");
    return value.isBlank() ? usual : Path.of(value);
  }
}
