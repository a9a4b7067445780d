package org.embedllm.app.experiment;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.embedllm.probe.Community;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;

/// Communities that a user names: a line `name: keyword keyword ...` for each; empty lines and
/// lines that start with # do not count.
public final class CommunityFile {
  private CommunityFile() {}

  /// Reads a file.
  ///
  /// @throws BadInputException when a line is of another form or a name is repeated
  public static List<Community> read(Path file) throws IOException {
    List<Community> communities = new ArrayList<>();
    List<String> lines = lines(file);
    for (int k = 0; k < lines.size(); k++) {
      String line = lines.get(k).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        Community community = parsed(file, k + 1, line);
        if (communities.stream().anyMatch(c -> c.name().equals(community.name()))) {
          throw BadInputException.at(file, k + 1, community.name() + " appears twice");
        }
        communities.add(community);
      }
    }
    if (communities.isEmpty()) {
      throw BadInputException.in(file, "has no community; a line reads \"name: keyword keyword\"");
    }
    return communities;
  }

  private static List<String> lines(Path file) throws IOException {
    try {
      return Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }

  private static Community parsed(Path file, int number, String line) {
    int colon = line.indexOf(':');
    String name = colon < 0 ? "" : line.substring(0, colon).strip();
    List<String> keywords =
        Arrays.stream(line.substring(colon + 1).strip().split("[\\s,]+"))
            .filter(keyword -> !keyword.isEmpty())
            .toList();
    if (name.isEmpty() || keywords.isEmpty()) {
      throw BadInputException.at(
          file, number, "must read \"name: keyword keyword\"; got \"" + line + "\"");
    }
    try {
      return new Community(name, keywords);
    } catch (IllegalArgumentException e) {
      throw BadInputException.at(file, number, String.valueOf(e.getMessage()));
    }
  }
}
