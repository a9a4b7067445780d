package org.embedllm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.embedllm.storage.FaultyFiles.Fault;

/// A writer over a file system in which one operation fails, each one in turn: what was there stays
/// whole, the error names the file, and nothing else is left.
public final class FaultyWriting {
  private static final int MOST = 400; // operations of a writer

  /// What a class calls that writes a file or folder.
  private static final Pattern WRITING =
      Pattern.compile(
          "(AtomicFile|AtomicDirectory)\\s*\\.(write|withTemporary)|new Checksum\\.Writer|Safetensors\\.Writer"
              + "|\\bFiles\\s*\\.(write|newOutputStream|newBufferedWriter|move|copy)|StandardOpenOption\\.WRITE");

  /// Writes one of two contents to a place.
  @FunctionalInterface
  public interface Writer {
    void write(Path place, int content) throws Exception;
  }

  /// What is at a place now, in parts that are whole for themselves.
  @FunctionalInterface
  public interface State {
    Map<String, String> now() throws IOException;
  }

  private final Path folder;
  private final Fault fault;

  /// @param folder where nothing else is written
  public FaultyWriting(Path folder, Fault fault) {
    this.folder = folder;
    this.fault = fault;
  }

  /// Each file of a place is a part.
  public static State files(Path place) {
    return () -> {
      Map<String, String> files = new TreeMap<>();
      try (Stream<Path> tree = Files.walk(place)) {
        for (Path file : tree.filter(Files::isRegularFile).toList()) {
          files.put(place.relativize(file).toString(), Sha256.of(file));
        }
      }
      return files;
    };
  }

  /// Fails for one operation after the other.
  ///
  /// @param step operations from one that fails to the next; 1 but for writers of many files
  /// @param together whether all parts of the state are replaced at once, else one after the other
  public void assertWhole(Path place, int step, boolean together, State state, Writer writer)
      throws Exception {
    writer.write(place, 1);
    Map<String, String> fresh = state.now();
    writer.write(place, 0);
    Map<String, String> old = state.now();
    assertThat(old).isNotEqualTo(fresh);
    int failures = 0;
    for (int good = 0; good < MOST; good += step) {
      Set<Path> before = names();
      FaultyFiles files = new FaultyFiles(folder, fault, good);
      boolean refused = false;
      try {
        writer.write(files.of(place), 1);
      } catch (IOException | UncheckedIOException | BadInputException e) {
        refused = true;
        assertThat(e.getMessage()).contains(String.valueOf(place.getFileName()));
      }
      String what = "%s after %d".formatted(fault, good);
      if (refused && !together) {
        assertThat(state.now()).as(what).hasSameSizeAs(old);
        state
            .now()
            .forEach((part, now) ->
                assertThat(now).as("%s, %s", what, part).isIn(old.get(part), fresh.get(part)));
      } else {
        assertThat(state.now()).as(what).isEqualTo(refused ? old : fresh);
      }
      assertThat(hidden()).as(what).isEmpty();
      assertThat(refused ? names() : before).as(what).isEqualTo(before);
      if (!files.failed()) {
        // The writer has fewer operations of this kind than were allowed to go well.
        assertThat(refused).as(what).isFalse();
        assertThat(failures).as(what).isPositive();
        return;
      }
      failures += refused ? 1 : 0;
      writer.write(place, 0);
      assertThat(state.now()).as(what).isEqualTo(old);
    }
    throw new AssertionError("more than " + MOST + " operations");
  }

  /// The classes of a module that write files or folders, by their simple names.
  public static Set<String> writersOf(Path sources) throws IOException {
    Set<String> found = new java.util.TreeSet<>();
    try (Stream<Path> tree = Files.walk(sources)) {
      for (Path file : tree.filter(path -> path.toString().endsWith(".java")).toList()) {
        if (WRITING.matcher(Files.readString(file)).find()) {
          found.add(String.valueOf(file.getFileName()).replace(".java", ""));
        }
      }
    }
    return found;
  }

  private Set<Path> names() throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      return Set.copyOf(tree.toList());
    }
  }

  private List<Path> hidden() throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(path -> String.valueOf(path.getFileName()).startsWith(".")).toList();
    }
  }
}
