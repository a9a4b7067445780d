package org.embedllm.source;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.embedllm.correctness.Reference;
import org.embedllm.source.file.Origin;
import org.embedllm.source.file.TextSpool;

/// Answers that are held until their whole task was read: a value that is no score says something
/// about all the others of its task, and lines that cannot be used are counted and named instead of
/// ending the import. What models wrote waits in a temporary file.
public final class PendingAnswers {
  /// What a layout knows of a question.
  ///
  /// @param question its id, text and benchmark
  /// @param reference the right answer
  /// @param attributes values by the attribute's name; empty where not known
  /// @param group value of the column to group by
  public record Asked(
      SourceQuestion question,
      Reference reference,
      Map<String, String> attributes,
      Optional<String> group) {
    public Asked {
      attributes = Map.copyOf(attributes);
    }

    /// A question of which only id, text and benchmark are known.
    public static Asked of(SourceQuestion question) {
      return new Asked(question, Reference.NONE, Map.of(), Optional.empty());
    }
  }

  private record Held(Asked asked, Origin at) {
    /// What two places say of one question: its text and all that comes with it from the first that
    /// has the text, the right answer from the first that has one.
    Held and(Held other) {
      return asked.question().text().isEmpty()
          ? other.withReference(asked.reference())
          : withReference(other.asked.reference());
    }

    private Held withReference(Reference other) {
      return !asked.reference().equals(Reference.NONE) || other.equals(Reference.NONE)
          ? this
          : new Held(new Asked(asked.question(), other, asked.attributes(), asked.group()), at);
    }
  }

  /// Lines of one model that were left out.
  private static final class Lost {
    private final String first;
    private long count;

    Lost(String first) {
      this.first = first;
    }
  }

  private static final class Task {
    private final Map<String, Integer> numbers = new HashMap<>(); // by id, else by text
    private final List<Held> questions = new ArrayList<>();
    private final HeldAnswers answers = new HeldAnswers();
    private final Map<String, Lost> lost = new LinkedHashMap<>(); // by model
    private final Map<String, String> outside = new LinkedHashMap<>(); // by model

    /// The number of a question, met before or not.
    int question(Asked asked, Origin at) {
      String key = asked.question().id().orElse(asked.question().text());
      Integer known = numbers.get(key);
      Held held = new Held(asked, at);
      if (known != null) {
        questions.set(known, questions.get(known).and(held));
        return known;
      }
      numbers.put(key, questions.size());
      questions.add(held);
      return questions.size() - 1;
    }
  }

  /// Values by number, each once.
  private static final class Numbers<T> {
    private final Map<T, Integer> numbers = new HashMap<>();
    private final List<T> values = new ArrayList<>();

    int of(T value) {
      Integer known = numbers.putIfAbsent(value, values.size());
      if (known == null) {
        values.add(value);
        return values.size() - 1;
      }
      return known;
    }

    T value(int number) {
      return values.get(number);
    }
  }

  private final AnswerSink sink;
  private final Set<String> skipped;
  private final Map<String, Task> tasks = new LinkedHashMap<>();
  private final Numbers<String> models = new Numbers<>();
  private final Numbers<Path> files = new Numbers<>();
  private final Set<String> skippedTasks = new HashSet<>();
  private Optional<TextSpool> outputs = Optional.empty();

  /// @param skipped tasks to leave out
  public PendingAnswers(AnswerSink sink, Set<String> skipped) {
    this.sink = sink;
    this.skipped = Set.copyOf(skipped);
  }

  /// Whether a task is to be left out; says so once.
  public boolean leavesOut(String task) {
    if (!skipped.contains(task)) {
      return false;
    }
    if (skippedTasks.add(task)) {
      sink.skip(task, "left out as asked with --skip");
    }
    return true;
  }

  private Task task(String name) {
    return tasks.computeIfAbsent(name, n -> new Task());
  }

  /// Takes a question that may have no answer here.
  public void question(String task, Asked asked, Origin at) {
    if (!leavesOut(task)) {
      task(task).question(asked, at);
    }
  }

  /// Takes an answer.
  public void answer(String task, Asked asked, String model, SourceAnswer answer, Origin at) {
    if (!leavesOut(task)) {
      Task all = task(task);
      all.answers.add(
          all.question(asked, at),
          models.of(model),
          answer.score(),
          answer.measures(),
          answer.output().isEmpty() ? -1 : outputs().add(answer.output()),
          files.of(at.file()),
          at.line());
    }
  }

  private TextSpool outputs() {
    if (outputs.isEmpty()) {
      outputs = Optional.of(new TextSpool());
    }
    return outputs.get();
  }

  /// Takes note of a line that cannot be used; the others of its task are.
  ///
  /// @param reason where the line is, and what is wrong with it
  public void unreadable(String task, String model, String reason) {
    if (!leavesOut(task)) {
      task(task).lost.computeIfAbsent(model, m -> new Lost(reason)).count++;
    }
  }

  /// Takes note of a value that is no score: this model's task cannot be used.
  ///
  /// @param reason where the value is, and what to do
  public void noScore(String task, String model, String reason) {
    if (!leavesOut(task)) {
      task(task).outside.putIfAbsent(model, reason);
    }
  }

  /// Hands over everything that was gathered, and what was left out.
  ///
  /// @return number of answers handed over
  public long handOver() {
    long count = 0;
    for (Iterator<Map.Entry<String, Task>> left = tasks.entrySet().iterator(); left.hasNext(); ) {
      Map.Entry<String, Task> task = left.next();
      count += handOver(task.getKey(), task.getValue());
      left.remove();
    }
    outputs.ifPresent(TextSpool::close);
    outputs = Optional.empty();
    return count;
  }

  private long handOver(String name, Task task) {
    task.lost.forEach((model, lost) ->
        sink.skip(
            name,
            "%s: %,d %s left out; the first is %s"
                .formatted(model, lost.count, lost.count == 1 ? "answer" : "answers", lost.first)));
    HeldAnswers answers = task.answers;
    int[] kept =
        IntStream.range(0, answers.count())
            .filter(answer -> !task.outside.containsKey(models.value(answers.model(answer))))
            .toArray();
    if (!task.outside.isEmpty() && Arrays.stream(kept).noneMatch(a -> answers.score(a) > 0)) {
      // Percentages of models that have nothing right look like scores.
      String first = task.outside.values().iterator().next();
      sink.skip(name, "left out: " + first);
      return 0;
    }
    task.outside.forEach((model, reason) -> sink.skip(name, model + ": left out: " + reason));
    if (kept.length == 0 && answers.count() > 0) {
      return 0;
    }
    int[] numbers = task.questions.stream().mapToInt(this::handOver).toArray();
    for (int answer : kept) {
      int question = numbers[answers.question(answer)];
      int model = sink.model(models.value(answers.model(answer)));
      Origin at = new Origin(files.value(answers.file(answer)), answers.line(answer));
      if (Float.isNaN(answers.score(answer))) {
        sink.answer(question, model, Float.NaN, at); // A row that lacks its score.
      }
      int output = answers.output(answer);
      String written = output < 0 ? "" : outputs().text(output);
      sink.answer(
          question,
          model,
          new SourceAnswer(answers.score(answer), answers.measures(answer), written),
          at);
    }
    return kept.length;
  }

  private int handOver(Held held) {
    Asked asked = held.asked();
    int number = sink.question(asked.question(), held.at());
    asked.attributes().forEach((name, value) -> sink.attribute(number, name, value, held.at()));
    if (!asked.reference().equals(Reference.NONE)) {
      sink.reference(number, asked.reference());
    }
    asked.group().ifPresent(group -> sink.group(number, group));
    return number;
  }
}
