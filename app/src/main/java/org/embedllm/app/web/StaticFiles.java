package org.embedllm.app.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.embedllm.storage.Sha256;

/// The page's own files and the libraries it uses, read and compressed once.
///
/// The page names its files below `/ui/`; it is served with `/ui/VERSION/` in their place, VERSION
/// being a digest of all files, so browsers may keep them forever and never mix two versions. A
/// name is looked up among the existing ones: no path ever reaches the file system.
final class StaticFiles {
  private static final String INDEX = "index.html";
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png",
          "woff2", "font/woff2");

  /// Libraries by served name, with their path in the jar.
  private static final Map<String, String> LIBRARIES =
      Map.of("vendor/echarts.min.js", "META-INF/resources/webjars/echarts/5.5.0/echarts.min.js");

  private final Map<String, StaticFile> files;
  private final String version;

  /// A file as it is sent.
  ///
  /// @param type its media type
  /// @param tag of its content
  /// @param plain its bytes
  /// @param zipped its bytes compressed with gzip
  record StaticFile(String type, String tag, Bytes plain, Bytes zipped) {}

  /// Bytes that nobody changes.
  static final class Bytes {
    private final byte[] bytes;

    private Bytes(byte[] bytes) {
      this.bytes = bytes;
    }

    int length() {
      return bytes.length;
    }

    /// The bytes themselves, not a copy.
    byte[] shared() {
      return bytes;
    }
  }

  private StaticFiles(Map<String, StaticFile> files, String version) {
    this.files = files;
    this.version = version;
  }

  /// Reads the files in this package's resources.
  static StaticFiles read() {
    try {
      Map<String, byte[]> contents = new TreeMap<>(own());
      for (Map.Entry<String, String> library : LIBRARIES.entrySet()) {
        contents.put(library.getKey(), resource("/" + library.getValue()));
      }
      return of(contents);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static StaticFiles of(Map<String, byte[]> contents) {
    MessageDigest all = Sha256.newDigest();
    contents.forEach((name, bytes) -> {
      all.update(name.getBytes(StandardCharsets.UTF_8));
      all.update(bytes);
    });
    String version = Sha256.hex(all.digest()).substring(0, 16);
    Map<String, StaticFile> files = new TreeMap<>();
    contents.forEach((name, bytes) ->
        files.put(name, file(name, name.equals(INDEX) ? versioned(bytes, version) : bytes)));
    return new StaticFiles(files, version);
  }

  private static byte[] versioned(byte[] page, String version) {
    return new String(page, StandardCharsets.UTF_8)
        .replaceAll("(?<=[\"'])/ui/(?!api/)", "/ui/" + version + "/")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static StaticFile file(String name, byte[] bytes) {
    String tag = Sha256.hex(Sha256.newDigest().digest(bytes)).substring(0, 24);
    return new StaticFile(
        TYPES.getOrDefault(ending(name), "application/octet-stream"),
        tag,
        new Bytes(bytes),
        new Bytes(Gzip.best(bytes)));
  }

  /// The page itself.
  StaticFile index() {
    return files.getOrDefault(INDEX, file(INDEX, new byte[0]));
  }

  /// A file by its name below `/ui/`, with or without the version before it.
  Optional<Found> find(String name) {
    boolean lasting = name.startsWith(version + "/");
    String plain = lasting ? name.substring(version.length() + 1) : name;
    return plain.equals(INDEX)
        ? Optional.empty()
        : Optional.ofNullable(files.get(plain)).map(file -> new Found(file, lasting));
  }

  /// @param lasting whether its address always means these bytes
  record Found(StaticFile file, boolean lasting) {}

  /// Names of all files, the page and libraries included.
  List<String> names() {
    return List.copyOf(files.keySet());
  }

  private static Map<String, byte[]> own() throws IOException {
    URL index = StaticFiles.class.getResource(INDEX);
    if (index == null) {
      throw new IllegalStateException("the page is missing from the program");
    }
    try {
      URI uri = index.toURI();
      if (uri.getScheme().equals("jar")) {
        try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
          return inFolder(jar.getPath(uri.toString().substring(uri.toString().indexOf('!') + 1)));
        }
      }
      return inFolder(Path.of(uri));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The files of the folder and of those below it, by their names below it.
  private static Map<String, byte[]> inFolder(Path index) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    Path folder = index.resolveSibling("").toAbsolutePath().normalize();
    try (Stream<Path> entries = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) entries::iterator) {
        String name = folder.relativize(file.toAbsolutePath().normalize()).toString();
        if (TYPES.containsKey(ending(name))) {
          contents.put(name, Files.readAllBytes(file));
        }
      }
    }
    return contents;
  }

  private static String ending(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = StaticFiles.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the program");
      }
      return in.readAllBytes();
    }
  }
}
