package org.embedllm.storage;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/// Input from outside that cannot be used: which file, which line, which rule was broken, what to
/// do.
///
/// The message reads `train.csv:812: label must be 0 or 1; got "yes"`.
public final class BadInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Optional<Path> file;
  private final long line;

  private BadInputException(Optional<Path> file, long line, String message, Throwable cause) {
    super(message, cause);
    this.file = file;
    this.line = line;
  }

  /// @param file the file at fault
  /// @param line its line, counted from 1
  /// @param problem the rule, what was found instead, and the remedy
  public static BadInputException at(Path file, long line, String problem) {
    return new BadInputException(
        Optional.of(file), line, file + ":" + line + ": " + problem, noCause());
  }

  /// A problem of a whole file.
  public static BadInputException in(Path file, String problem) {
    return new BadInputException(Optional.of(file), 0, file + ": " + problem, noCause());
  }

  /// A problem of a whole file that another error brought to light.
  public static BadInputException in(Path file, String problem, Throwable cause) {
    return new BadInputException(Optional.of(file), 0, file + ": " + problem, cause);
  }

  /// A problem of no particular file: an argument, or several inputs that do not fit together.
  public static BadInputException of(String problem) {
    return new BadInputException(Optional.empty(), 0, problem, noCause());
  }

  @SuppressWarnings("NullAway") // Throwable's own contract: a null cause means there is none.
  private static Throwable noCause() {
    return null;
  }

  public Optional<Path> file() {
    return file;
  }

  /// The line at fault, counted from 1; empty where the whole file is.
  public OptionalLong line() {
    return line > 0 ? OptionalLong.of(line) : OptionalLong.empty();
  }
}
