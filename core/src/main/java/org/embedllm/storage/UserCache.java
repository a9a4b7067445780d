package org.embedllm.storage;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/// The user's cache folder.
public final class UserCache {
  /// Names the folder, if set.
  public static final String VARIABLE = "EMBEDLLM_CACHE";

  private UserCache() {}

  /// `$EMBEDLLM_CACHE`, else the platform's cache folder of the user with `embedllm` in it. It is
  /// not made here.
  ///
  /// @param environment usually `System.getenv()`
  public static Path folder(Map<String, String> environment) {
    String chosen = environment.getOrDefault(VARIABLE, "");
    if (!chosen.isBlank()) {
      return Path.of(chosen);
    }
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    Path home = Path.of(System.getProperty("user.home", "."));
    if (system.startsWith("windows")) {
      return base(environment, "LOCALAPPDATA", home.resolve("AppData").resolve("Local"))
          .resolve("embedllm")
          .resolve("cache");
    }
    Path usual =
        system.startsWith("mac")
            ? home.resolve("Library").resolve("Caches")
            : home.resolve(".cache");
    return base(environment, "XDG_CACHE_HOME", usual).resolve("embedllm");
  }

  private static Path base(Map<String, String> environment, String variable, Path usual) {
    String value = environment.getOrDefault(variable, "");
    return value.isBlank() ? usual : Path.of(value);
  }
}
