package org.embedllm.storage;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/// Input from outside that cannot be used: which file, which line, which rule was broken, what to
/// do.
///
/// The message reads `train.csv:812: label must be 0 or 1; got "yes"`. Characters that would act on
/// a terminal are shown as escapes.
public final class BadInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Optional<Path> file;
  private final long line;
  private final transient List<String> each;

  private BadInputException(
      Optional<Path> file, long line, String message, List<String> each, Throwable cause) {
    super(message, cause);
    this.file = file;
    this.line = line;
    this.each = List.copyOf(each);
  }

  /// @param file the file at fault
  /// @param line its line, counted from 1
  /// @param problem the rule, what was found instead, and the remedy
  public static BadInputException at(Path file, long line, String problem) {
    return new BadInputException(
        Optional.of(file),
        line,
        Printable.text(file + ":" + line + ": " + problem),
        List.of(),
        noCause());
  }

  /// A problem of a whole file.
  public static BadInputException in(Path file, String problem) {
    return new BadInputException(
        Optional.of(file), 0, lines(file + ": " + problem), List.of(), noCause());
  }

  /// Several problems of one file, found at once.
  ///
  /// @param problems each with its place, as [#at] would write it
  public static BadInputException all(Path file, List<String> problems) {
    return new BadInputException(
        Optional.of(file),
        0,
        lines(
            "%d problems in %s:\n%s".formatted(problems.size(), file, String.join("\n", problems))),
        problems,
        noCause());
  }

  /// A problem of a whole file, found through another error.
  public static BadInputException in(Path file, String problem, Throwable cause) {
    return new BadInputException(
        Optional.of(file), 0, lines(file + ": " + problem), List.of(), cause);
  }

  /// A CSV file that a reader refused: the problem that stopped it, if it is known.
  ///
  /// @param failure what the reader threw
  public static BadInputException notCsv(Path file, Exception failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BadInputException known) {
        return known;
      }
    }
    return in(file, "is no valid CSV file: " + failure.getMessage(), failure);
  }

  /// A problem of no particular file: an argument, or several inputs that do not fit together.
  public static BadInputException of(String problem) {
    return new BadInputException(Optional.empty(), 0, lines(problem), List.of(), noCause());
  }

  /// A message may have several lines of its own; what is in a file has none here.
  private static String lines(String message) {
    return message.lines().map(Printable::text).collect(Collectors.joining("\n"));
  }

  @SuppressWarnings("NullAway") // Throwable's own contract: a null cause means there is none.
  private static Throwable noCause() {
    return null;
  }

  public Optional<Path> file() {
    return file;
  }

  /// The problems one by one where there are several; empty where the message is the only one.
  public List<String> each() {
    return each;
  }

  /// The line at fault, counted from 1; empty where the whole file is.
  public OptionalLong line() {
    return line > 0 ? OptionalLong.of(line) : OptionalLong.empty();
  }

  /// The problem, with file and line where there is one.
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
