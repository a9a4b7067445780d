package org.embedllm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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

    assertEnds(Ending.class, target);

    assertThat(target.resolve("f")).hasContent("old");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(Path::toString)).noneMatch(name -> name.contains(".replaced-"));
    }
  }

  @Test
  @Tag("process")
  void write_afterTheEndHasBegun_makesNothing() throws Exception {
    assertEnds(Late.class, folder.resolve("f"));

    assertThat(folder).isEmptyDirectory();
  }

  private static void assertEnds(Class<?> main, Path target) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                target.toString())
            .inheritIO()
            .start();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(130);
  }

  /// Is told to end, and begins to write before it has ended.
  static final class Late {
    private Late() {}

    public static void main(String[] arguments) throws Exception {
      CountDownLatch ending = new CountDownLatch(1);
      ShutdownTasks.add(() -> {
        ending.countDown();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500)); // as long as a write takes
      });
      new Thread(
              () -> {
                ShutdownTasks.run();
                Runtime.getRuntime().halt(130);
              })
          .start();
      ending.await();
      SingleWriter.of(Path.of(arguments[0])).close();
      Runtime.getRuntime().halt(1);
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
