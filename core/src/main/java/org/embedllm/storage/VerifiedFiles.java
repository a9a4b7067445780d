package org.embedllm.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/// Files whose content matched their checksum before, so that a later start need not read them
/// whole again. Safe for several threads and processes.
///
/// A file is the same where its bytes, the times of its last change and of its last change of
/// state, its number in the file system, and its device are. Programs cannot set the second time,
/// so an altered file is noticed even where its first time was set back. A file that was changed
/// within the last two seconds is not kept: a further change could bear the same time. Damage by
/// the disk itself changes no time and is not noticed.
///
/// Kept are at most 100 files, in one text file, a line each.
public final class VerifiedFiles {
  private static final String NAME = "verified-files";
  private static final int MOST = 100;
  private static final String STATE_CHANGE = "ctime";
  private static final List<String> LOOKED_AT =
      List.of("size", "lastModifiedTime", STATE_CHANGE, "ino", "dev");
  private static final Duration SETTLED = Duration.ofSeconds(2);

  private final Optional<Path> list;
  private final Duration settled;

  /// @param list empty to keep nothing
  /// @param settled how long ago a file must have been changed
  VerifiedFiles(Optional<Path> list, Duration settled) {
    this.list = list;
    this.settled = settled;
  }

  /// Keeps nothing: each file is read whole.
  public static VerifiedFiles none() {
    return new VerifiedFiles(Optional.empty(), SETTLED);
  }

  /// Kept in the user's cache folder; nothing where there is none.
  ///
  /// @param environment usually `System.getenv()`
  public static VerifiedFiles ofUser(Map<String, String> environment) {
    return new VerifiedFiles(
        UserCache.ofUser(environment).map(folder -> folder.resolve(NAME)), SETTLED);
  }

  /// A file as it is now; empty where that cannot be told well enough to know it again.
  public Optional<String> look(Path file) {
    if (list.isEmpty()) {
      return Optional.empty();
    }
    try {
      Map<String, Object> now = Files.readAttributes(file, "unix:" + String.join(",", LOOKED_AT));
      boolean known =
          now.get(STATE_CHANGE) instanceof FileTime change
              && change.toInstant().plus(settled).isBefore(Instant.now());
      var look = new StringJoiner(" ");
      LOOKED_AT.forEach(name -> look.add(String.valueOf(now.get(name))));
      return known ? Optional.of(look.toString()) : Optional.empty();
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return Optional.empty(); // Not on Windows.
    }
  }

  /// Whether a file with this look had this checksum.
  public boolean contains(String look, String checksum) {
    return lines().contains(line(look, checksum));
  }

  /// Keeps that a file with this look has this checksum. Where that cannot be written, the file is
  /// read whole again the next time.
  public void add(String look, String checksum) {
    var lines = new ArrayList<>(lines());
    lines.add(line(look, checksum));
    List<String> last = lines.subList(Math.max(0, lines.size() - MOST), lines.size());
    byte[] text = (String.join("\n", last) + "\n").getBytes(StandardCharsets.US_ASCII);
    try {
      Files.createDirectories(list.orElseThrow().getParent());
      AtomicFile.writeStream(list.get(), out -> out.write(text));
    } catch (IOException | BadInputException e) {
      return; // A cache that cannot be written.
    }
  }

  /// A line of the list. Joined, because for `+` Java makes a class at each start.
  private static String line(String look, String checksum) {
    return String.join(" ", look, checksum);
  }

  private List<String> lines() {
    try {
      return list.isPresent() && Files.isRegularFile(list.get(), LinkOption.NOFOLLOW_LINKS)
          ? Files.readAllLines(list.get(), StandardCharsets.ISO_8859_1)
          : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }
}
