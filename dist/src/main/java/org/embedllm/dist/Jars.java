package org.embedllm.dist;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/// Copies jars, some of their entries left out, with the same bytes each time.
final class Jars {

  private Jars() {}

  /// Copies a jar without the entries that are not wanted; where all are, byte by byte.
  static void copy(Path from, Path to, Predicate<String> wanted) throws IOException {
    boolean whole;
    try (JarFile jar = new JarFile(from.toFile(), false)) {
      whole = jar.stream().allMatch(entry -> wanted.test(entry.getName()));
    }
    if (whole) {
      Files.copy(from, to);
      return;
    }
    try (ZipInputStream in = in(from);
        ZipOutputStream out = out(to)) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (wanted.test(entry.getName())) {
          put(out, entry.getName(), in.readAllBytes());
        }
      }
    }
  }

  /// Copies the program's jar, whose class path names `lib/`, to where the libraries are beside it.
  static void copyProgram(Path from, Path to) throws IOException {
    try (JarFile jar = new JarFile(from.toFile(), false);
        ZipOutputStream out = out(to)) {
      Manifest manifest = jar.getManifest();
      String path = manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
      manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, path.replace("lib/", ""));
      var bytes = new java.io.ByteArrayOutputStream();
      manifest.write(bytes);
      put(out, JarFile.MANIFEST_NAME, bytes.toByteArray());
      for (ZipEntry entry : java.util.Collections.list(jar.entries())) {
        if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
          try (InputStream in = jar.getInputStream(entry)) {
            put(out, entry.getName(), in.readAllBytes());
          }
        }
      }
    }
  }

  private static ZipInputStream in(Path from) throws IOException {
    return new ZipInputStream(new BufferedInputStream(Files.newInputStream(from), 1 << 16));
  }

  private static ZipOutputStream out(Path to) throws IOException {
    OutputStream file = new BufferedOutputStream(Files.newOutputStream(to), 1 << 16);
    var zip = new ZipOutputStream(file);
    zip.setLevel(Deflater.BEST_SPEED);
    return zip;
  }

  /// Native libraries are compressed; the archive around the jars cannot do it again.
  private static void put(ZipOutputStream out, String name, byte[] bytes) throws IOException {
    var entry = new ZipEntry(name);
    entry.setTimeLocal(java.time.LocalDateTime.of(1980, 1, 1, 0, 0));
    if (name.endsWith("/")) {
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(0);
      entry.setCrc(new CRC32().getValue());
    }
    out.putNextEntry(entry);
    out.write(bytes);
    out.closeEntry();
  }
}
