package org.embedllm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process that is told to end in the middle of a write.
class UndoneAtEndTest {
  @TempDir Path folder;

  @Test
  @Tag("process")
  void end_justBeforeTheRenames_keepsTheOldDirectory() throws Exception {
    Path target = Files.createDirectory(folder.resolve("d"));
    Files.writeString(target.resolve("f"), "old");

    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Ending.class.getName(),
                target.toString())
            .inheritIO()
            .start();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(130);
    assertThat(target.resolve("f")).hasContent("old");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(Path::toString)).noneMatch(name -> name.contains(".replaced-"));
    }
  }

  /// Writes a directory, and is told to end when all of it is written.
  static final class Ending {
    private Ending() {}

    public static void main(String[] arguments) throws Exception {
      AtomicDirectory.write(
          Path.of(arguments[0]),
          unfinished -> {
            Files.writeString(unfinished.resolve("f"), "new");
            Thread end =
                new Thread(() -> {
                  ShutdownTasks.run();
                  Runtime.getRuntime().halt(130);
                });
            end.start();
            while (Files.exists(unfinished)) {
              Thread.onSpinWait(); // until the task has deleted it
            }
            Files.createDirectory(unfinished); // as if the write had been faster
            Files.writeString(unfinished.resolve("f"), "half");
          });
      Runtime.getRuntime().halt(1);
    }
  }
}
