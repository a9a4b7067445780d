package org.embedllm.dist;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Makes `embedllm-VERSION-PLATFORM.tar.gz`, with a runtime, the natives of this platform and the
/// cache for short commands; and `embedllm-VERSION-no-runtime` as `.tar.gz` and `.zip`, with the
/// natives of all platforms. Each has a checksum beside it.
///
/// Arguments: version, the project's folder, the folder to write to, the time of all entries.
public final class Main {
  /// As in `bin/embedllm`.
  private static final List<String> SHORT =
      List.of(
          "-XX:-UsePerfData",
          "-Xlog:disable",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xlog:all=error:stderr");

  private final String version;
  private final Path project;
  private final Path target;
  private final Instant time;

  private Main(String version, Path project, Path target, Instant time) {
    this.version = version;
    this.project = project;
    this.target = target;
    this.time = time;
  }

  public static void main(String[] arguments) throws IOException {
    new Main(
            arguments[0],
            Path.of(arguments[1]).toAbsolutePath().normalize(),
            Path.of(arguments[2]).toAbsolutePath().normalize(),
            Instant.parse(arguments[3]))
        .make();
  }

  private void make() throws IOException {
    Platform platform = Platform.current();
    Path own = target.resolve("embedllm-" + version + "-" + platform.id());
    fill(own, platform::keeps);
    Path lib = own.resolve("lib");
    LinkedRuntime runtime = LinkedRuntime.link(own.resolve("runtime"), target.resolve("jlink.log"));
    String name = "embedllm-" + digest(lib);
    Path inputs = lib.resolve(name + ".inputs");
    Files.writeString(inputs, inputs(lib, own.resolve("runtime/release")));
    runtime.writeCache(
        lib.resolve("embedllm.jar"),
        lib.resolve(name + ".aot"),
        SHORT,
        target.resolve("rehearsal"));
    new Archive(own, time).writeTar(target.resolve(own.getFileName() + ".tar.gz"));

    Path others = target.resolve("embedllm-" + version + "-no-runtime");
    fill(others, entry -> !Platform.isDebug(entry));
    Archive archive = new Archive(others, time);
    archive.writeTar(target.resolve(others.getFileName() + ".tar.gz"));
    archive.writeZip(target.resolve(others.getFileName() + ".zip"));
  }

  /// The first 16 digits of a digest of all jars, the options and the Java build.
  private static String digest(Path lib) throws IOException {
    try (Stream<Path> jars = Files.list(lib)) {
      String all =
          String.join(
              "\n",
              Archive.sha256(jars.sorted().toList()),
              String.join(" ", SHORT),
              System.getProperty("java.vm.vendor"),
              System.getProperty("java.vm.version"));
      return Archive.sha256(all).substring(0, 16);
    }
  }

  /// What the cache is made of, as `stat -c '%n %s %.9Y'` says it of an unpacked archive: name,
  /// size and time in nanoseconds of each jar and of the runtime. The launcher compares them,
  /// because Java does not, and would run old classes.
  private String inputs(Path lib, Path release) throws IOException {
    StringBuilder inputs = new StringBuilder();
    try (Stream<Path> jars = Files.list(lib)) {
      for (Path jar : jars.sorted().toList()) {
        Files.setLastModifiedTime(jar, FileTime.from(time));
        inputs.append(input(String.valueOf(jar.getFileName()), jar));
      }
    }
    return inputs.append(input("../runtime/release", release)).toString();
  }

  private String input(String name, Path file) throws IOException {
    return "%s %d %d.%09d%n"
        .formatted(name, Files.size(file), time.getEpochSecond(), time.getNano());
  }

  private void fill(Path folder, Predicate<String> entries) throws IOException {
    delete(folder);
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path lib = Files.createDirectories(folder.resolve("lib"));
    Path files = project.resolve("dist/src/main/files");
    for (String name : List.of("embedllm", "embedllm.cmd")) {
      Files.copy(files.resolve("bin").resolve(name), bin.resolve(name));
      if (!bin.resolve(name).toFile().setExecutable(true, false)) {
        throw new IOException(bin.resolve(name) + " cannot be made executable");
      }
    }
    for (String name : List.of("LICENSE", "README.md", "CHANGELOG.md", "THIRD-PARTY.md")) {
      if (Files.exists(project.resolve(name))) {
        Files.copy(project.resolve(name), folder.resolve(name));
      }
    }
    copyDeployment(folder.resolve("share"));
    Jars.copyProgram(project.resolve("app/target/embedllm.jar"), lib.resolve("embedllm.jar"));
    try (Stream<Path> jars = Files.list(project.resolve("app/target/lib"))) {
      for (Path jar : jars.sorted().toList()) {
        String name = jar.getFileName().toString();
        if (isShipped(name)) {
          Jars.copy(jar, lib.resolve(name), entries);
        }
      }
    }
  }

  /// The default encoder and its quantized form are in the archives; the others' jars can be put
  /// into lib.
  private static boolean isShipped(String jar) {
    return !jar.startsWith("langchain4j-embeddings-bge-");
  }

  /// What a server takes: service unit, proxy, dashboard, alerts.
  private void copyDeployment(Path share) throws IOException {
    Files.createDirectories(share);
    for (String file :
        List.of(
            "deploy/embedllm.service",
            "deploy/nginx.conf",
            "deploy/gateway.yaml",
            "docs/grafana-dashboard.json",
            "docs/alert-rules.yml")) {
      Path source = project.resolve(file);
      Files.copy(source, share.resolve(source.getFileName()));
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
