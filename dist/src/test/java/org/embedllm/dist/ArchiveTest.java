package org.embedllm.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArchiveTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "ai/onnxruntime/native/linux-x64/libonnxruntime.so, LINUX_X86_64",
    "ai/onnxruntime/native/win-x64/onnxruntime.dll, WINDOWS_X86_64",
    "native/lib/osx-aarch64/cpu/libtokenizers.dylib, MACOS_AARCH64",
    "libduckdb_java.so_linux_amd64, LINUX_X86_64",
    "libduckdb_java.so_linux_arm64, LINUX_AARCH64",
    "org/sqlite/native/Linux/x86_64/libsqlitejdbc.so, LINUX_X86_64",
    "com/sun/jna/linux-x86-64/libjnidispatch.so, LINUX_X86_64"
  })
  void keeps_nativeLibrary_onItsPlatformAlone(String entry, Platform own) {
    for (Platform platform : Platform.values()) {
      assertThat(platform.keeps(entry)).as(platform.id()).isEqualTo(platform == own);
    }
  }

  @Test
  void keeps_othersNatives_areLeftOutAndClassesStay() {
    assertThat(Platform.LINUX_X86_64.keeps("org/sqlite/native/Linux-Musl/x86_64/libsqlitejdbc.so"))
        .isFalse();
    assertThat(Platform.LINUX_X86_64.keeps("ai/onnxruntime/OrtSession.class")).isTrue();
    assertThat(
            Platform.MACOS_AARCH64.keeps(
                "ai/onnxruntime/native/osx-aarch64/libonnxruntime.dylib.dSYM/Contents/Info.plist"))
        .isFalse();
  }

  @Test
  void copyProgram_classPath_isBesideIt() throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, "lib/a.jar lib/b.jar");
    Path jar = folder.resolve("program.jar");
    try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      out.putNextEntry(new ZipEntry("x/Y.class"));
      out.write(new byte[] {1, 2, 3});
    }
    Path copy = folder.resolve("copy.jar");
    Jars.copyProgram(jar, copy);
    try (JarFile read = new JarFile(copy.toFile())) {
      assertThat(read.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH))
          .isEqualTo("a.jar b.jar");
      assertThat(read.getInputStream(read.getEntry("x/Y.class")).readAllBytes())
          .containsExactly(1, 2, 3);
    }
  }

  @Test
  void archive_sameFiles_hasTheSameBytesAndItsChecksum() throws IOException {
    byte[] first = packed("one");
    assertThat(packed("two")).isEqualTo(first);
    Path tar = folder.resolve("one/program.tar.gz");
    assertThat(Files.readString(folder.resolve("one/program.tar.gz.sha256")))
        .isEqualTo(Archive.sha256(List.of(tar)) + "  program.tar.gz\n");
  }

  private byte[] packed(String name) throws IOException {
    Path root = folder.resolve(name).resolve("program");
    Path program = Files.createDirectories(root.resolve("bin"));
    Files.writeString(program.resolve("run"), "#!/bin/sh\n");
    assertThat(program.resolve("run").toFile().setExecutable(true)).isTrue();
    Files.writeString(program.resolveSibling("LICENSE"), "text");
    var archive = new Archive(root, Instant.parse("2026-11-01T00:00:00Z"));
    Path tar = folder.resolve(name).resolve("program.tar.gz");
    archive.writeTar(tar);
    archive.writeZip(folder.resolve(name).resolve("program.zip"));
    return Files.readAllBytes(tar);
  }
}
