package org.embedllm.source.file;

import java.nio.file.Path;
import org.embedllm.storage.BadInputException;

/// The position of an answer in its source.
///
/// @param file the file
/// @param line the line, counted from 1; 0 where the file has no lines
public record Origin(Path file, long line) {
  public BadInputException problem(String problem) {
    return line > 0
        ? BadInputException.at(file, line, problem)
        : BadInputException.in(file, problem);
  }

  @Override
  public String toString() {
    return line > 0 ? file + ":" + line : file.toString();
  }
}
