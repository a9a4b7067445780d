package org.embedllm.gateway.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.embedllm.storage.BadInputException;

/// Everything wrong with a configuration, gathered before any of it is reported.
final class Problems {
  private record Problem(int line, String text) {}

  private final Path file;
  private final List<Problem> found = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  Problems(Path file) {
    this.file = file;
  }

  /// Something that is understood, but should be changed.
  void warn(int line, String text) {
    warnings.add(file + ":" + line + ": " + text);
  }

  List<String> warnings() {
    return List.copyOf(warnings);
  }

  void add(int line, String text) {
    found.add(new Problem(line, text));
  }

  /// @throws BadInputException with all problems, one a line, in the order of the file
  void throwIfAny() {
    if (found.isEmpty()) {
      return;
    }
    List<Problem> ordered = found.stream().sorted(Comparator.comparingInt(Problem::line)).toList();
    if (ordered.size() == 1) {
      throw BadInputException.at(file, ordered.getFirst().line(), ordered.getFirst().text());
    }
    throw BadInputException.all(
        file, ordered.stream().map(p -> file + ":" + p.line() + ": " + p.text()).toList());
  }
}
