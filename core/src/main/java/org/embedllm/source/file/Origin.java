package org.embedllm.source.file;

import java.nio.file.Path;
import org.embedllm.storage.BadInputException;

/// The position of an answer in its source.
///
/// @param file the file
/// @param line the line, counted from 1; 0 where the file has no lines
/// @param name what people call the file: its path, or an address such as `s3a://logs/a.csv`
public record Origin(Path file, long line, String name) {
  public Origin(Path file, long line) {
    this(file, line, file.toString());
  }

  /// A file that is called by its path or address.
  public static Origin named(String name) {
    return new Origin(Path.of(name), 0, name);
  }

  /// A line of the same file.
  public Origin at(long other) {
    return new Origin(file, other, name);
  }

  public BadInputException problem(String problem) {
    if (!name.equals(file.toString())) {
      return BadInputException.of(this + ": " + problem);
    }
    return line > 0
        ? BadInputException.at(file, line, problem)
        : BadInputException.in(file, problem);
  }

  @Override
  public String toString() {
    return line > 0 ? name + ":" + line : name;
  }
}
