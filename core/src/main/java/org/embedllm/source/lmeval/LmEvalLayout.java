package org.embedllm.source.lmeval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourceLayout;
import org.embedllm.source.SourcePart;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.SourceQuestion;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.Origin;
import org.embedllm.source.file.SourceFile;
import tools.jackson.databind.node.ObjectNode;

/// Sample logs of the lm-evaluation-harness (`--log_samples`).
///
/// A task with several answer filters has a line for each filter; one filter is read, and it is the
/// same one for every model. A question's benchmark is its task.
///
/// What one source says holds for the next: which samples are one question, and which metric and
/// filter of a task are read.
public final class LmEvalLayout implements SourceLayout {
  /// Its name.
  public static final String NAME = "lm-eval";

  /// Fields that can be long and say nothing about the question or the score.
  private static final Set<String> SKIPPED = Set.of("arguments", "resps", "filtered_resps");

  private final ImportOptions options;
  private final LmEvalJoin join = new LmEvalJoin();
  private final LmEvalScores scores;

  public LmEvalLayout(ImportOptions options) {
    this.options = options;
    this.scores = new LmEvalScores(options);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean recognises(SourcePreview source) {
    if (source.isFolder()) {
      return source.files().stream().anyMatch(LmEvalFiles::isSamples);
    }
    return LmEvalFiles.isSamples(source.path())
        || (source.startsAsJson()
            && source.start().contains("\"doc_id\"")
            && source.start().contains("\"doc\""));
  }

  @Override
  public List<SourcePart> read(
      Path source, Optional<SplitPart> part, AnswerSink sink, ImportProgress progress) {
    List<SourcePart> parts = new ArrayList<>();
    Map<String, String> filterByTask = new HashMap<>();
    List<Path> files =
        Files.isDirectory(source)
            ? new SourcePreview(source).files().stream().filter(LmEvalFiles::isSamples).toList()
            : List.of(source);
    for (Path file : files) {
      Samples samples = new Samples(file, sink, filterByTask);
      try (SourceFile open = SourceFile.open(file, progress)) {
        JsonRecords records = new JsonRecords(open, SKIPPED);
        records.read(samples::sample);
        parts.add(SourcePart.of(open.digest(), NAME, samples.taken, Optional.empty()));
        if (records.cut()) {
          sink.remark(file + ": the last line is incomplete; it was left out");
        }
        samples.remarkOnFilters();
      } catch (IOException e) {
        throw SourceFile.failed(file, 0, e);
      }
    }
    return parts;
  }

  @Override
  public void finish() {
    scores.requireAskedFilter();
  }

  /// Takes the samples of one file.
  private final class Samples {
    /// Prefix of the number of an unnamed filter.
    private static final String UNNAMED = "#";

    private final AnswerSink sink;
    private final Map<String, String> filterByTask;
    private final Path file;
    private final String task;
    private final LmEvalRun run;
    private final List<String> filters;
    private final Map<String, Integer> timesSeen = new HashMap<>(); // by doc_id, unnamed filters
    private final Map<String, Long> lines = new LinkedHashMap<>(); // by filter
    private final int model;
    private long taken;

    Samples(Path file, AnswerSink sink, Map<String, String> filterByTask) {
      this.file = file;
      this.sink = sink;
      this.filterByTask = filterByTask;
      this.run = LmEvalRun.of(file);
      this.task = LmEvalFiles.task(file, run.tasks());
      this.filters = run.filters(task);
      this.model = sink.model(run.model());
    }

    void sample(long line, ObjectNode sample) {
      Origin at = new Origin(file, line);
      String docId = sample.path("doc_id").asString("");
      String filter = filter(sample, docId);
      if (lines.merge(filter, 1L, Long::sum) == 1 && !filter.startsWith(UNNAMED)) {
        scores.met(filter);
      }
      if (!filter.equals(wanted(filter))) {
        return;
      }
      Optional<String> metric = scores.metric(run, task, sample);
      if (metric.isEmpty()) {
        sink.remark(withoutScore(task, sample));
        return;
      }
      float score = LmEvalScores.score(metric.get(), task, sample, at);
      String text = LmEvalText.of(sample.path("doc"), options.tasks().questionField(), at);
      String hash = sample.path("doc_hash").asString("");
      if (hash.isEmpty() && docId.isEmpty()) {
        throw at.problem("a sample must have a doc_hash or a doc_id");
      }
      String id = join.id(task, hash, docId, text);
      int question =
          sink.question(new SourceQuestion(Optional.empty(), Optional.of(id), text, task), at);
      sink.answer(question, model, score, at);
      options
          .split()
          .groupColumn()
          .map(name -> sample.path("doc").path(name).asString(""))
          .filter(group -> !group.isEmpty())
          .ifPresent(group -> sink.group(question, group));
      taken++;
    }

    /// Tasks such as wikitext have perplexities only; the other tasks of the run are still used.
    private String withoutScore(String task, ObjectNode sample) {
      List<String> names = LmEvalScores.names(sample);
      return "task %s: left out, because none of its metrics is a score between 0 and 1 (%s)"
          .formatted(task, names.isEmpty() ? "it has none" : String.join(", ", names));
    }

    /// The filter of a line. Older logs do not name it: there the n-th line of a document is that
    /// of the n-th filter.
    private String filter(ObjectNode sample, String docId) {
      String named = sample.path("filter").asString("");
      if (!named.isEmpty()) {
        return named;
      }
      int times = timesSeen.merge(docId, 1, Integer::sum) - 1;
      return times < filters.size() ? filters.get(times) : UNNAMED + (times + 1);
    }

    /// The filter to read: the one that was asked for, else the first one of the task.
    private String wanted(String met) {
      if (met.startsWith(UNNAMED)) {
        return UNNAMED + 1;
      }
      return options
          .tasks()
          .filter()
          .filter(this::mayHave)
          .orElseGet(() -> filterByTask.computeIfAbsent(task, name -> met));
    }

    private boolean mayHave(String filter) {
      return filters.isEmpty() || filters.contains(filter);
    }

    void remarkOnFilters() {
      if (lines.size() > 1) {
        Set<String> others = new LinkedHashSet<>(lines.keySet());
        String read = wanted(others.iterator().next());
        others.remove(read);
        sink.remark(
            "task %s: filter %s was read, %s left out (--filter chooses)"
                .formatted(task, read, String.join(", ", others)));
      }
      if (!lines.isEmpty() && !lines.containsKey(wanted(lines.keySet().iterator().next()))) {
        throw new Origin(file, 0)
            .problem(
                "has no answers of filter %s; it has %s; choose one with --filter"
                    .formatted(
                        wanted(lines.keySet().iterator().next()),
                        String.join(", ", lines.keySet())));
      }
    }
  }
}
