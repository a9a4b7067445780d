package org.embedllm.dist;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/// Packs a folder, with the same bytes for the same files.
final class Archive {
  private static final int FILE = 0644;
  private static final int EXECUTABLE = 0755;

  private final Path folder;
  private final Instant time;
  private final List<Path> files;

  /// @param folder its name is the first part of all names in the archive
  /// @param time of every entry
  Archive(Path folder, Instant time) throws IOException {
    this.folder = folder;
    this.time = time;
    try (Stream<Path> walk = Files.walk(folder)) {
      this.files = walk.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /// A tar, compressed lightly: most of it is compressed already.
  void writeTar(Path target) throws IOException {
    var parameters = new GzipParameters();
    parameters.setCompressionLevel(Deflater.BEST_SPEED);
    try (OutputStream file = out(target);
        var gzip = new GzipCompressorOutputStream(file, parameters);
        var tar = new TarArchiveOutputStream(gzip, "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      for (Path each : files) {
        var entry = new TarArchiveEntry(name(each));
        entry.setSize(Files.size(each));
        entry.setMode(mode(each));
        entry.setModTime(time.toEpochMilli());
        tar.putArchiveEntry(entry);
        Files.copy(each, tar);
        tar.closeArchiveEntry();
      }
    }
    writeChecksum(target);
  }

  void writeZip(Path target) throws IOException {
    try (OutputStream file = out(target);
        var zip = new ZipArchiveOutputStream(file)) {
      zip.setLevel(Deflater.BEST_SPEED);
      for (Path each : files) {
        var entry = new ZipArchiveEntry(name(each));
        entry.setUnixMode(mode(each));
        entry.setTime(time.toEpochMilli());
        zip.putArchiveEntry(entry);
        Files.copy(each, zip);
        zip.closeArchiveEntry();
      }
    }
    writeChecksum(target);
  }

  private String name(Path file) {
    return folder.getFileName() + "/" + folder.relativize(file).toString().replace('\\', '/');
  }

  private static int mode(Path file) {
    return Files.isExecutable(file) ? EXECUTABLE : FILE;
  }

  private static OutputStream out(Path target) throws IOException {
    return new BufferedOutputStream(Files.newOutputStream(target), 1 << 16);
  }

  /// As `sha256sum --check` reads it.
  private static void writeChecksum(Path file) throws IOException {
    Files.writeString(
        file.resolveSibling(file.getFileName() + ".sha256"),
        sha256(List.of(file)) + "  " + file.getFileName() + "\n");
  }

  /// SHA-256 over the contents of files in the given order, in hexadecimal.
  static String sha256(List<Path> files) throws IOException {
    MessageDigest digest = newDigest();
    for (Path file : files) {
      try (var in = new DigestInputStream(Files.newInputStream(file), digest)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /// SHA-256 of a text, in hexadecimal.
  static String sha256(String text) {
    return HexFormat.of().formatHex(newDigest().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
