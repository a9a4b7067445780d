package org.embedllm.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.embedllm.ingest.DatasetImporter;
import org.embedllm.ingest.RecordedSource;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.ProcessFolder;

/// Where a source of an import is: a mounted path, or an address of a Hadoop file system.
///
/// @param root scheme and host, such as `s3a://logs`; empty for a mounted path
/// @param path the file or folder there
record SourceLocation(String root, String path) implements Serializable {
  private static final Pattern ADDRESS = Pattern.compile("(\\p{Alpha}[\\w+.-]+):(//[^/]*)?/.*");

  /// A log whose run may be described by any JSON file beside it.
  private static final Pattern SAMPLES = Pattern.compile("samples_.*|.*\\.jsonl(\\.gz)?");

  /// Files that describe a run, beside a log of any other name.
  private static final Pattern DESCRIPTION =
      Pattern.compile("(results.*|run_spec|instances|scenario_state)\\.json");

  /// The locations of a source, ascending: several where an address is a pattern.
  ///
  /// @throws BadInputException when nothing is there, or its file system cannot be reached
  static List<SourceLocation> of(String source, Configuration configuration) {
    Matcher address = ADDRESS.matcher(source);
    if (!address.matches()) {
      return List.of(new SourceLocation("", source));
    }
    String scheme = address.group(1);
    String host = address.group(2) == null ? "" : address.group(2);
    String root = scheme.equals("file") ? "" : scheme + ":" + host;
    try {
      var place = new org.apache.hadoop.fs.Path(source);
      FileSystem system = place.getFileSystem(configuration);
      FileStatus[] found =
          system.exists(place)
              ? new FileStatus[] {system.getFileStatus(place)}
              : system.globStatus(place);
      if (found == null || found.length == 0) {
        throw BadInputException.of(source + ": does not exist");
      }
      return Arrays.stream(found)
          .map(one -> new SourceLocation(root, pathOf(one.getPath())))
          .sorted((a, b) -> a.path().compareTo(b.path()))
          .toList();
    } catch (BadInputException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // Hadoop has unchecked ones for hosts and classes.
      throw BadInputException.of(source + ": " + problem(scheme, e));
    }
  }

  private static String problem(String scheme, Exception failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ClassNotFoundException
          || cause instanceof org.apache.hadoop.fs.UnsupportedFileSystemException) {
        return "there is no file system for \"%s\"; add its jars with --jars or --packages%s"
            .formatted(scheme, scheme.equals("s3a") ? " (org.apache.hadoop:hadoop-aws)" : "");
      }
    }
    String message = String.valueOf(failure.getMessage());
    return "cannot be read: " + message.lines().findFirst().orElse(message);
  }

  boolean isMounted() {
    return root.isEmpty();
  }

  /// Reads the source. One that is not mounted is copied into a temporary folder, which is deleted
  /// afterwards.
  RecordedSource recorded(DatasetImporter importer, Configuration configuration)
      throws IOException {
    if (isMounted()) {
      return importer.recorded(Path.of(path), text -> text);
    }
    try (ProcessFolder folder = ProcessFolder.make("source")) {
      Path copy = folder.path();
      copyInto(copy, configuration);
      return importer.recorded(inside(copy, path), text -> text.replace(copy.toString(), root));
    }
  }

  /// Keeps the folders above the source: layouts find names of models in them.
  private void copyInto(Path copy, Configuration configuration) throws IOException {
    var place = new org.apache.hadoop.fs.Path(root + path);
    FileSystem system = place.getFileSystem(configuration);
    if (system.getFileStatus(place).isDirectory()) {
      Files.createDirectories(inside(copy, path));
      RemoteIterator<LocatedFileStatus> files = system.listFiles(place, true);
      while (files.hasNext()) {
        copyFile(system, files.next().getPath(), copy);
      }
      return;
    }
    copyFile(system, place, copy);
    boolean samples = SAMPLES.matcher(place.getName()).matches();
    for (FileStatus other : system.listStatus(place.getParent())) {
      String name = other.getPath().getName();
      boolean beside =
          samples
              ? name.endsWith(".json") && !name.startsWith("samples_")
              : DESCRIPTION.matcher(name).matches();
      if (beside && other.isFile() && !name.equals(place.getName())) {
        copyFile(system, other.getPath(), copy);
      }
    }
  }

  private static void copyFile(FileSystem system, org.apache.hadoop.fs.Path file, Path copy)
      throws IOException {
    Path target = inside(copy, pathOf(file));
    Files.createDirectories(target.resolveSibling(""));
    try (InputStream in = system.open(file)) {
      Files.copy(in, target);
    }
  }

  private static Path inside(Path copy, String path) {
    return Path.of(copy + path);
  }

  private static String pathOf(org.apache.hadoop.fs.Path path) {
    return path.toUri().getPath();
  }
}
