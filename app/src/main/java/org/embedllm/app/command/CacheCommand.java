package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.TextTable;
import org.embedllm.storage.UserCache;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `embedllm cache [--clear]`: what is kept between commands, and its removal.
@Command(
    name = "cache",
    description = {
      "Shows what is kept between commands: text vectors of all data sets, unpacked encoders and"
          + " native libraries, and which model files were verified. All of it can be made again.",
      "",
      "The folder is EMBEDLLM_CACHE, else embedllm in XDG_CACHE_HOME or ~/.cache. Without any of"
          + " them nothing is kept. Vectors take at most 512 MiB.",
      "",
      "Example: embedllm cache --clear"
    })
public final class CacheCommand implements Callable<Integer> {
  @Mixin private Console console;

  @Option(names = "--clear", description = "Delete all of it.")
  private boolean clear;

  private record Size(long files, long bytes) {
    Size plus(long moreBytes) {
      return new Size(files + 1, bytes + moreBytes);
    }
  }

  @Override
  public Integer call() throws IOException {
    Optional<Path> folder = UserCache.ofUser(System.getenv());
    Map<String, Size> parts = folder.isPresent() ? sizes(folder.get()) : Map.of();
    long bytes = parts.values().stream().mapToLong(Size::bytes).sum();
    if (clear && folder.isPresent()) {
      delete(folder.get());
    }
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    folder.ifPresent(path -> root.put("folder", path.toString()));
    root.put("bytes", bytes);
    root.put("cleared", clear && folder.isPresent());
    ArrayNode array = root.putArray("parts");
    parts.forEach((name, size) ->
        array.addObject().put("part", name).put("files", size.files()).put("bytes", size.bytes()));
    console.json(root);
    print(folder, parts, bytes);
    return ExitStatus.DONE;
  }

  private void print(Optional<Path> folder, Map<String, Size> parts, long bytes) {
    if (folder.isEmpty()) {
      console.line("no cache: there is no home folder; set EMBEDLLM_CACHE to a folder to have one");
      return;
    }
    TextTable table = new TextTable("part", "files", "MiB");
    parts.forEach((name, size) ->
        table.row(name, Long.toString(size.files()), "%.1f".formatted(mebibytes(size.bytes()))));
    if (!parts.isEmpty()) {
      table.print(console);
    }
    console.line(
        clear ? "deleted %.1f MiB in %s" : "%.1f MiB in %s", mebibytes(bytes), folder.get());
  }

  private static double mebibytes(long bytes) {
    return bytes / (double) (1 << 20);
  }

  /// Files and bytes by the first folder, of vectors by their encoder.
  private static Map<String, Size> sizes(Path folder) throws IOException {
    Map<String, Size> sizes = new TreeMap<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> tree = Files.walk(folder)) {
        for (Path file : tree.filter(Files::isRegularFile).toList()) {
          sizes.merge(
              part(folder.relativize(file)),
              new Size(1, Files.size(file)),
              (old, now) -> old.plus(now.bytes()));
        }
      }
    }
    return sizes;
  }

  private static String part(Path file) {
    String first = file.getName(0).toString();
    boolean vectors = first.equals("vectors") && file.getNameCount() > 1;
    return vectors
        ? "vectors of " + file.getName(1).toString().replaceFirst("\\.(parts|safetensors)$", "")
        : first;
  }

  /// The folder's content; the folder itself may be one that the user has made.
  private static void delete(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> tree = Files.walk(folder)) {
      all = tree.filter(path -> !path.equals(folder)).sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.deleteIfExists(path);
    }
  }
}
