package org.embedllm.source.lmeval;

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
import org.embedllm.source.AccuracyMetrics;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.ModelRun;
import org.embedllm.source.PendingAnswers;
import org.embedllm.source.RunNames;
import org.embedllm.source.Scores;
import org.embedllm.source.SourceAnswer;
import org.embedllm.source.SourceFiles;
import org.embedllm.source.SourceLayout;
import org.embedllm.source.SourcePart;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.SourceQuestion;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.Origin;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Sample logs of the lm-evaluation-harness (`--log_samples`).
///
/// A task with several answer filters has a line for each filter; one filter is read, and it is the
/// same one for every model. A question's benchmark is its task.
///
/// A line that cannot be read, and a task without a score, are left out and named. What one source
/// says holds for the next: which samples are one question, and which metric and filter of a task
/// are read.
public final class LmEvalLayout implements SourceLayout {
  /// Its name.
  public static final String NAME = "lm-eval";

  /// Fields that can be long and say nothing about the question or the score.
  private static final Set<String> LONG = Set.of("arguments", "resps", "filtered_resps");

  /// What is skipped where answers are kept.
  private static final Set<String> ARGUMENTS = Set.of("arguments", "resps");

  private final ImportOptions options;
  private final LmEvalJoin join = new LmEvalJoin();
  private final RunNames names;
  private final LmEvalScores scores;

  /// @param names what tells runs of one name apart, for all sources of the import
  public LmEvalLayout(ImportOptions options, RunNames names) {
    this.options = options;
    this.names = names;
    this.scores = new LmEvalScores(options);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean recognises(SourcePreview source) {
    if (source.isFolder()) {
      return !files(source).isEmpty();
    }
    return LmEvalFiles.isSamples(source.path()) || source.hasFields("doc_id", "doc");
  }

  @Override
  public List<Path> files(SourcePreview source) {
    return LmEvalFiles.samples(source.files());
  }

  @Override
  public List<SourcePart> read(
      Path source, Optional<SplitPart> part, AnswerSink sink, ImportProgress progress) {
    List<Path> files =
        Files.isDirectory(source) ? files(new SourcePreview(source)) : List.of(source);
    List<LmEvalRun> runs = new ArrayList<>();
    List<Path> read = new ArrayList<>();
    for (Path file : files) {
      try {
        runs.add(LmEvalRun.of(file));
        read.add(file);
      } catch (BadInputException e) {
        sink.skip(LmEvalFiles.folderName(file), "left out: " + e.getMessage());
      }
    }
    List<String> models = models(runs, read, sink);
    PendingAnswers pending = new PendingAnswers(sink, options.tasks().skipped());
    Map<String, String> filterByTask = new HashMap<>();
    SourceFiles parts = new SourceFiles(NAME, Optional.empty(), sink, progress);
    for (int i = 0; i < read.size(); i++) {
      Path path = read.get(i);
      Samples samples = new Samples(path, runs.get(i), models.get(i), sink, pending, filterByTask);
      parts.read(path, samples::read, () -> samples.taken);
    }
    pending.handOver();
    return parts.parts();
  }

  /// The name of each run's model.
  private List<String> models(List<LmEvalRun> runs, List<Path> files, AnswerSink sink) {
    List<RunNames.Run> named = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      LmEvalRun run = runs.get(i);
      named.add(new RunNames.Run(NAME, run.model(), "", run.arguments(), files.get(i)));
    }
    List<String> differences = names.differences(named, true, sink);
    List<String> models = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      models.add(ModelRun.named(runs.get(i).model(), differences.get(i)));
    }
    return models;
  }

  @Override
  public void finish() {
    scores.requireAskedFilter();
  }

  /// Takes the samples of one file.
  private final class Samples {
    /// Prefix of the number of an unnamed filter.
    private static final String UNNAMED = "#";

    private final Path file;
    private final LmEvalRun run;
    private final String model;
    private final AnswerSink sink;
    private final PendingAnswers pending;
    private final Map<String, String> filterByTask;
    private final String task;
    private final List<String> filters;
    private final Map<String, Integer> timesSeen = new HashMap<>(); // by doc_id, unnamed filters
    private final Map<String, Long> lines = new LinkedHashMap<>(); // by filter
    private long taken;

    Samples(
        Path file,
        LmEvalRun run,
        String model,
        AnswerSink sink,
        PendingAnswers pending,
        Map<String, String> filterByTask) {
      this.file = file;
      this.run = run;
      this.model = model;
      this.sink = sink;
      this.pending = pending;
      this.filterByTask = filterByTask;
      this.task = LmEvalFiles.task(file, run.tasks());
      this.filters = run.filters(task);
    }

    void read(SourceFile open) {
      JsonRecords records = new JsonRecords(open, options.outputsKept() ? ARGUMENTS : LONG);
      records.read(this::sample, this::damaged);
      if (records.cut()) {
        sink.warn(file + ": the last line is incomplete; it was left out");
      }
      warningOnFilters();
    }

    private void damaged(long line, String problem) {
      unreadable(new Origin(file, line).problem(problem));
    }

    private void unreadable(BadInputException problem) {
      pending.unreadable(task, model, problem.getMessage());
    }

    private void sample(long line, ObjectNode sample) {
      if (pending.leavesOut(task)) {
        return;
      }
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
        withoutScore(sample, at);
        return;
      }
      try {
        take(sample, docId, metric.get(), at);
      } catch (BadInputException e) {
        unreadable(e);
      }
    }

    private void take(ObjectNode sample, String docId, String metric, Origin at) {
      float score = scores.score(metric, task, sample, at);
      if (score == Scores.NOT_A_SCORE) {
        String problem = LmEvalScores.noScore(metric, task, sample);
        pending.noScore(task, model, at.problem(problem).getMessage());
        return;
      }
      JsonNode doc = sample.path("doc");
      String text = LmEvalText.of(doc, options.tasks().questionField(), at);
      String hash = sample.path("doc_hash").asString("");
      if (hash.isEmpty() && docId.isEmpty()) {
        throw at.problem("a sample must have a doc_hash or a doc_id");
      }
      String id = join.id(task, hash, docId, text);
      pending.answer(
          task,
          new PendingAnswers.Asked(
              new SourceQuestion(Optional.empty(), Optional.of(id), text, task),
              LmEvalText.reference(sample),
              JsonFields.attributes(doc, options.attributes()),
              options
                  .split()
                  .groupColumn()
                  .map(name -> JsonFields.value(doc, name))
                  .filter(group -> !group.isEmpty())),
          model,
          new SourceAnswer(score, Map.of(), options.outputsKept() ? LmEvalText.output(sample) : ""),
          at);
      taken++;
    }

    /// Tasks such as wikitext have perplexities only, others percentages; the rest of the run is
    /// good all the same.
    private void withoutScore(ObjectNode sample, Origin at) {
      List<String> names = LmEvalScores.names(sample);
      List<String> valued = names.stream().filter(name -> !sample.path(name).isNull()).toList();
      Optional<String> accuracy =
          AccuracyMetrics.first(valued)
              .or(() -> valued.stream().filter(name -> sample.path(name).isArray()).findFirst());
      if (accuracy.isPresent()) {
        String problem = LmEvalScores.noScore(accuracy.get(), task, sample);
        pending.noScore(task, model, at.problem(problem).getMessage());
      } else {
        sink.skip(
            task,
            "left out: no metric of it is a score between 0 and 1 (%s)"
                .formatted(names.isEmpty() ? "it has none" : String.join(", ", names)));
      }
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

    private void warningOnFilters() {
      if (lines.size() > 1) {
        Set<String> others = new LinkedHashSet<>(lines.keySet());
        String read = wanted(others.iterator().next());
        others.remove(read);
        sink.warn(
            "task %s: filter %s was read, %s left out (--filter chooses)"
                .formatted(task, read, String.join(", ", others)));
      }
      if (!lines.isEmpty() && !lines.containsKey(wanted(lines.keySet().iterator().next()))) {
        unreadable(
            new Origin(file, 0)
                .problem(
                    "has no answers of filter %s; it has %s; choose one with --filter"
                        .formatted(
                            wanted(lines.keySet().iterator().next()),
                            String.join(", ", lines.keySet()))));
      }
    }
  }
}
