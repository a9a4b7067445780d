package org.embedllm.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The archive's start script, with a runtime that prints its arguments.
@Tag("process")
class ArchiveLauncherTest {
  private static final Path SCRIPT = Path.of("src/main/files/bin/embedllm");
  private static final Instant TIME = Instant.ofEpochSecond(1_800_000_000);

  @TempDir private Path home;

  @BeforeEach
  void unpack() throws IOException {
    executable(home.resolve("bin/embedllm"), Files.readString(SCRIPT));
    executable(home.resolve("runtime/bin/java"), "#!/bin/sh\necho \"$@\"\n");
    jar("embedllm.jar", "program", TIME);
    jar("other.jar", "library", TIME);
    Files.writeString(home.resolve("lib/embedllm-0123.aot"), "cache");
    Files.writeString(
        home.resolve("lib/embedllm-0123.inputs"),
        "embedllm.jar 7 %1$d.000000000%nother.jar 7 %1$d.000000000%n../runtime/release 2 %1$d.000000000%n"
            .formatted(TIME.getEpochSecond()));
    release("25", TIME);
  }

  private static void executable(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void release(String text, Instant time) throws IOException {
    Path release = Files.writeString(home.resolve("runtime/release"), text);
    Files.setLastModifiedTime(release, FileTime.from(time));
  }

  private void jar(String name, String bytes, Instant time) throws IOException {
    Path jar = home.resolve("lib").resolve(name);
    Files.createDirectories(jar.getParent());
    Files.writeString(jar, bytes);
    Files.setLastModifiedTime(jar, FileTime.from(time));
  }

  private String arguments() throws Exception {
    Process process =
        new ProcessBuilder("/bin/sh", home.resolve("bin/embedllm").toString(), "models", "m")
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }

  @Test
  void shortCommand_jarsOfTheArchive_startsFromItsCache() throws Exception {
    assertThat(arguments()).contains("-XX:AOTCache=").contains("lib/embedllm-0123.aot");
  }

  @Test
  void shortCommand_otherJars_doesNotRunTheirOldClasses() throws Exception {
    jar("other.jar", "another", TIME.plusSeconds(5));
    assertThat(arguments()).doesNotContain("AOTCache");
    jar("other.jar", "longer library", TIME);
    assertThat(arguments()).doesNotContain("AOTCache");
    jar("other.jar", "library", TIME.plusNanos(1));
    assertThat(arguments()).doesNotContain("AOTCache");
    jar("other.jar", "library", TIME);
    assertThat(arguments()).contains("AOTCache");
    release("26", TIME.plusSeconds(1));
    assertThat(arguments()).doesNotContain("AOTCache");
    release("25", TIME);
    assertThat(arguments()).contains("AOTCache");
    jar("more.jar", "more", TIME);
    assertThat(arguments()).doesNotContain("AOTCache");
  }
}
