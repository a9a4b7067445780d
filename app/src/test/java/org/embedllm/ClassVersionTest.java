package org.embedllm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.onnx.Encoders;
import org.junit.jupiter.api.Test;

/// The library runs in the JVMs of its users: class files of Java 21. What it brings to run with is
/// checked by the build (enforceBytecodeVersion).
class ClassVersionTest {
  private static final int JAVA_21 = 65;

  @Test
  void classFiles_ofTheLibrary_areForJava21() throws Exception {
    for (Class<?> one : List.of(CorrectnessMatrix.class, Encoders.class)) {
      Path home = Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(home)) {
        requireJava21(home);
        continue;
      }
      try (FileSystem jar = FileSystems.newFileSystem(home)) {
        requireJava21(jar.getPath("/"));
      }
    }
  }

  private static void requireJava21(Path root) throws IOException {
    List<Path> classes;
    try (Stream<Path> files = Files.walk(root)) {
      classes = files.filter(file -> file.toString().endsWith(".class")).toList();
    }
    assertThat(classes).as("class files in %s", root).hasSizeGreaterThan(20);
    for (Path file : classes) {
      try (var in = new DataInputStream(Files.newInputStream(file))) {
        assertThat(in.readInt()).as("%s is a class file", file).isEqualTo(0xCAFEBABE);
        in.readUnsignedShort(); // minor version
        assertThat(in.readUnsignedShort()).as("class version of %s", file).isEqualTo(JAVA_21);
      }
    }
  }
}
