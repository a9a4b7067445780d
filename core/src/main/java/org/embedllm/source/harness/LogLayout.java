package org.embedllm.source.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.PendingAnswers;
import org.embedllm.source.SourceFiles;
import org.embedllm.source.SourceLayout;
import org.embedllm.source.SourcePart;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;

/// A layout whose answers are in files that can be told by how they begin, alone or anywhere below
/// a folder.
abstract class LogLayout implements SourceLayout {
  private final String name;
  private final ImportOptions options;
  private final Map<String, String> texts = new HashMap<>(); // by id

  LogLayout(String name, ImportOptions options) {
    this.name = name;
    this.options = options;
  }

  @Override
  public final String name() {
    return name;
  }

  final ImportOptions options() {
    return options;
  }

  /// Whether a file is a log of this layout.
  abstract boolean isLog(SourcePreview file);

  /// Looks at all logs of a source before the first of them is read.
  ///
  /// @param sink takes what a user should know of them
  void prepare(List<Path> files, AnswerSink sink) {}

  /// Reads one log.
  ///
  /// @param log its records, to be handed over as answers
  abstract void read(SourceFile file, Log log) throws IOException;

  @Override
  public boolean recognises(SourcePreview source) {
    return source.previews().stream().anyMatch(this::isLog);
  }

  @Override
  public final List<Path> files(SourcePreview source) {
    return source.previews().stream().filter(this::isLog).map(SourcePreview::path).toList();
  }

  @Override
  public List<SourcePart> read(
      Path source, Optional<SplitPart> part, AnswerSink sink, ImportProgress progress) {
    // A file that was named with --format is read whatever it begins with.
    List<Path> files = List.of(source);
    if (Files.isDirectory(source)) {
      SourcePreview folder = new SourcePreview(source);
      files = files(folder);
      folder.damaged().forEach((file, problem) -> sink.skip(file, "left out: " + problem));
    }
    prepare(files, sink);
    PendingAnswers pending = new PendingAnswers(sink, options.tasks().skipped());
    SourceFiles read = new SourceFiles(name, part, sink, progress);
    for (Path path : files) {
      Log log = new Log(this, path, part, pending, sink);
      read.read(path, file -> read(file, log), log::taken);
    }
    pending.handOver();
    return read.parts();
  }

  /// The id of a question: the source's own behind its task, unless it begins with that. Where the
  /// same id was met with another text, the text tells them apart.
  final String id(String task, String own, String text) {
    String id = own.regionMatches(true, 0, task, 0, task.length()) ? own : task + ":" + own;
    String known = texts.putIfAbsent(id, text);
    return known == null || known.equals(text) || known.isEmpty() || text.isEmpty()
        ? id
        : id + ":" + Integer.toHexString(text.hashCode());
  }

  /// Reads JSON Lines or an array; a line that is damaged is left out and said.
  static void records(SourceFile file, Log log, JsonRecords.RecordConsumer consumer) {
    JsonRecords records = new JsonRecords(file, java.util.Set.of());
    records.read(
        (line, object) -> {
          try {
            consumer.accept(line, object);
          } catch (BadInputException e) {
            log.problem(e.getMessage());
          }
        },
        (line, problem) ->
            log.problem(BadInputException.at(file.path(), line, problem).getMessage()));
    if (records.cut()) {
      log.warn(file.path() + ": the last line is incomplete; it was left out");
    }
  }
}
