package org.embedllm.dist;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A Java runtime with the modules that the program needs, and the cache that its short commands
/// start from.
final class LinkedRuntime {
  /// What `jdeps --print-module-deps` names for the program and its libraries; `java.desktop` is
  /// asked for by a library, `jdk.crypto.ec` and `jdk.zipfs` are found at run time.
  private static final String MODULES =
      "java.base,java.compiler,java.desktop,java.instrument,java.management,java.naming,"
          + "java.net.http,java.scripting,java.security.jgss,java.sql,java.xml,jdk.charsets,"
          + "jdk.crypto.ec,jdk.httpserver,jdk.incubator.vector,jdk.jfr,jdk.localedata,"
          + "jdk.management,jdk.unsupported,jdk.zipfs";

  /// The cache has no records of what ran often: Java would compile all of it at each start,
  /// whatever is run.
  private static final List<String> WITHOUT_TRAINING =
      List.of(
          "-XX:+UnlockDiagnosticVMOptions",
          "-XX:+IgnoreUnrecognizedVMOptions",
          "-XX:-AOTRecordTraining");

  private final Path folder;

  private LinkedRuntime(Path folder) {
    this.folder = folder;
  }

  /// Links a runtime from the JDK that runs this.
  ///
  /// @param to a folder that does not exist
  /// @param log what jlink says
  static LinkedRuntime link(Path to, Path log) throws IOException {
    Path jlink = Path.of(System.getProperty("java.home"), "bin", "jlink");
    run(
        Map.of(),
        List.of(
            jlink.toString(),
            "--add-modules",
            MODULES,
            "--include-locales",
            "en",
            "--strip-java-debug-attributes",
            "--no-header-files",
            "--no-man-pages",
            "--generate-cds-archive",
            "--output",
            to.toString()),
        log);
    return new LinkedRuntime(to);
  }

  /// Runs the short commands once on a small scale, and writes the cache.
  ///
  /// @param options of the launcher for short commands
  /// @param scratch a folder for what the commands unpack
  void writeCache(Path jar, Path cache, List<String> options, Path scratch) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(folder.resolve("bin").resolve("java").toString());
    command.addAll(options);
    command.addAll(WITHOUT_TRAINING);
    command.add("-XX:AOTCacheOutput=" + cache);
    command.addAll(List.of("-jar", jar.toString(), "rehearse"));
    Files.createDirectories(scratch);
    run(
        Map.of("EMBEDLLM_CACHE", scratch.toString()),
        command,
        scratch.resolveSibling("rehearsal.log"));
  }

  private static void run(Map<String, String> environment, List<String> command, Path log)
      throws IOException {
    var process = new ProcessBuilder(command).redirectErrorStream(true);
    process.redirectOutput(log.toFile()).redirectInput(new File(nowhere()));
    process.environment().putAll(environment);
    try {
      int status = process.start().waitFor();
      if (status != 0) {
        throw new IOException(
            "%s ended with status %d: see %s".formatted(command.getFirst(), status, log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static String nowhere() {
    return File.separatorChar == '/' ? "/dev/null" : "NUL";
  }
}
