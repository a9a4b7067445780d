package org.embedllm.ingest;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.embedllm.correctness.Measure;
import org.embedllm.correctness.Reference;
import org.embedllm.correctness.SplitPart;
import org.embedllm.correctness.Vote;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.ModelRun;
import org.embedllm.source.SourceAnswer;
import org.embedllm.source.SourceLayout;
import org.embedllm.source.SourcePart;
import org.embedllm.source.SourceQuestion;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.Origin;

/// What a layout reads from one source, as bytes: a source can be read in another process, and its
/// answers be collected here in the order of the sources. The collected data set is the one that
/// reading here would give.
///
/// Each call of the sink is a byte that names it, then its arguments. Questions and models have the
/// recording's own numbers. An answer takes 8 to 16 bytes.
public final class SourceRecording {
  private static final int QUESTION = 1;
  private static final int MODEL = 2;
  private static final int ANSWER = 3;
  private static final int DETAILED = 4;
  private static final int VOTE = 5;
  private static final int ATTRIBUTE = 6;
  private static final int REFERENCE = 7;
  private static final int GROUP = 8;
  private static final int COST = 9;
  private static final int SKIP = 10;
  private static final int WARN = 11;
  private static final int ADVISE = 12;
  private static final int PART = 13;
  private static final int RUN = 14;

  private static final List<Measure> MEASURES = List.of(Measure.values());
  private static final List<SplitPart> PARTS = List.of(SplitPart.values());
  private static final List<Vote.Winner> WINNERS = List.of(Vote.Winner.values());

  private SourceRecording() {}

  /// A source to be read.
  ///
  /// @param layout name of the layout that reads it
  /// @param source a file or folder
  /// @param part the part of a split that its name says it is
  public record Task(String layout, Path source, Optional<SplitPart> part) {}

  /// Reads a source.
  ///
  /// @param options of the import, the same for all its sources
  /// @throws org.embedllm.storage.BadInputException when the source cannot be used
  public static RecordedBytes of(Task task, ImportOptions options) {
    SourceLayout layout =
        Layouts.of(options).stream()
            .filter(one -> one.name().equals(task.layout()))
            .findFirst()
            .orElseThrow();
    layout.announce(task.source());
    return of(layout, task.source(), task.part(), UnaryOperator.identity());
  }

  /// Reads a source.
  ///
  /// @param named puts the names of the originals into a text that has those of copies
  static RecordedBytes of(
      SourceLayout layout, Path source, Optional<SplitPart> part, UnaryOperator<String> named) {
    Recorder recorder = new Recorder(named);
    return recorder.finish(layout.read(source, part, recorder, ImportProgress.NONE));
  }

  /// Passes a recording on to a sink.
  ///
  /// @return the files that were read
  static List<SourcePart> replay(RecordedBytes recording, AnswerSink sink) {
    try {
      return new Player(recording, sink).play();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Writes calls down.
  private static final class Recorder implements AnswerSink {
    private final UnaryOperator<String> named;
    private final RecordedBytes.Writer bytes = new RecordedBytes.Writer();
    private final DataOutputStream out = new DataOutputStream(bytes);
    private final Map<SourceQuestion, Integer> questions = new HashMap<>();
    private final Map<String, Integer> models = new HashMap<>();
    private final Map<Path, Integer> files = new HashMap<>();

    Recorder(UnaryOperator<String> named) {
      this.named = named;
    }

    private interface Arguments {
      void write() throws IOException;
    }

    private void call(int name, Arguments arguments) {
      try {
        out.writeByte(name);
        arguments.write();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public int question(SourceQuestion question, Origin at) {
      Integer found = questions.get(question);
      if (found != null) {
        return found;
      }
      call(
          QUESTION,
          () -> {
            part(question.part());
            out.writeBoolean(question.id().isPresent());
            text(question.id().orElse(""));
            text(question.text());
            text(question.benchmark());
            origin(at);
          });
      questions.put(question, questions.size());
      return questions.size() - 1;
    }

    @Override
    public int model(String name) {
      Integer found = models.get(name);
      if (found != null) {
        return found;
      }
      call(MODEL, () -> text(name));
      models.put(name, models.size());
      return models.size() - 1;
    }

    @Override
    public void answer(int question, int model, float score, Origin at) {
      call(
          ANSWER,
          () -> {
            number(question);
            number(model);
            out.writeFloat(score);
            origin(at);
          });
    }

    @Override
    public void answer(int question, int model, SourceAnswer answer, Origin at) {
      call(
          DETAILED,
          () -> {
            number(question);
            number(model);
            out.writeFloat(answer.score());
            number(answer.measures().size());
            for (var measure : sorted(answer.measures()).entrySet()) {
              out.writeByte(MEASURES.indexOf(measure.getKey()));
              out.writeDouble(measure.getValue());
            }
            text(answer.output());
            origin(at);
          });
    }

    /// In the order of the measures, so that the same source gives the same bytes.
    private static EnumMap<Measure, Double> sorted(Map<Measure, Double> measures) {
      EnumMap<Measure, Double> all = new EnumMap<>(Measure.class);
      all.putAll(measures);
      return all;
    }

    @Override
    public void vote(
        int question, int modelA, int modelB, Vote.Winner winner, int judges, Origin at) {
      call(
          VOTE,
          () -> {
            number(question);
            number(modelA);
            number(modelB);
            out.writeByte(WINNERS.indexOf(winner));
            number(judges);
            origin(at);
          });
    }

    @Override
    public void attribute(int question, String name, String value, Origin at) {
      call(
          ATTRIBUTE,
          () -> {
            number(question);
            text(name);
            text(value);
            origin(at);
          });
    }

    @Override
    public void reference(int question, Reference reference) {
      call(
          REFERENCE,
          () -> {
            number(question);
            text(reference.answer());
            number(reference.options().size());
            for (String option : reference.options()) {
              text(option);
            }
          });
    }

    @Override
    public void group(int question, String group) {
      call(
          GROUP,
          () -> {
            number(question);
            text(group);
          });
    }

    @Override
    public void cost(int model, double cost) {
      call(
          COST,
          () -> {
            number(model);
            out.writeDouble(cost);
          });
    }

    @Override
    public void run(ModelRun run) {
      call(
          RUN,
          () -> {
            text(run.format());
            text(run.model());
            text(run.task());
            text(run.difference());
            number(run.arguments().size());
            for (var argument : run.arguments().entrySet()) {
              text(argument.getKey());
              text(argument.getValue());
            }
          });
    }

    @Override
    public void skip(String task, String reason) {
      call(
          SKIP,
          () -> {
            name(task);
            name(reason);
          });
    }

    @Override
    public void warn(String warning) {
      call(WARN, () -> name(warning));
    }

    @Override
    public void advise(String advice) {
      call(ADVISE, () -> name(advice));
    }

    RecordedBytes finish(List<SourcePart> parts) {
      for (SourcePart part : parts) {
        call(
            PART,
            () -> {
              name(part.file());
              text(part.format());
              out.writeLong(part.bytes());
              text(part.sha256());
              out.writeLong(part.rows());
              part(part.part());
            });
      }
      return bytes.finish();
    }

    /// The number of the file, then its name where it is new, then the line.
    private void origin(Origin at) throws IOException {
      Integer file = files.get(at.file());
      number(file == null ? files.size() : file);
      if (file == null) {
        files.put(at.file(), files.size());
        name(at.name());
      }
      number(at.line());
    }

    private void part(Optional<SplitPart> part) throws IOException {
      out.writeByte(part.map(one -> PARTS.indexOf(one) + 1).orElse(0));
    }

    /// A text that may name files.
    private void name(String text) throws IOException {
      text(named.apply(text));
    }

    private void text(String text) throws IOException {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      number(utf8.length);
      out.write(utf8);
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    private void number(long number) throws IOException {
      long rest = number;
      while (rest > 0x7f) {
        out.writeByte((int) (rest & 0x7f) | 0x80);
        rest >>>= 7;
      }
      out.writeByte((int) rest);
    }
  }

  /// Reads calls and repeats them.
  private static final class Player {
    private final DataInputStream in;
    private final AnswerSink sink;
    private final List<Integer> questions = new ArrayList<>(); // the sink's numbers
    private final List<Integer> models = new ArrayList<>();
    private final List<Origin> files = new ArrayList<>();
    private final List<SourcePart> parts = new ArrayList<>();

    Player(RecordedBytes recording, AnswerSink sink) {
      this.in = new DataInputStream(recording.open());
      this.sink = sink;
    }

    List<SourcePart> play() throws IOException {
      for (int call = in.read(); call >= 0; call = in.read()) {
        switch (call) {
          case QUESTION -> question();
          case MODEL -> models.add(sink.model(text()));
          case ANSWER -> sink.answer(questionNumber(), modelNumber(), in.readFloat(), origin());
          case DETAILED -> sink.answer(questionNumber(), modelNumber(), answer(), origin());
          case VOTE ->
              sink.vote(
                  questionNumber(),
                  modelNumber(),
                  modelNumber(),
                  WINNERS.get(in.readByte()),
                  (int) number(),
                  origin());
          case ATTRIBUTE -> sink.attribute(questionNumber(), text(), text(), origin());
          case REFERENCE -> sink.reference(questionNumber(), new Reference(text(), texts()));
          case GROUP -> sink.group(questionNumber(), text());
          case COST -> sink.cost(modelNumber(), in.readDouble());
          case RUN -> sink.run(run());
          case SKIP -> sink.skip(text(), text());
          case WARN -> sink.warn(text());
          case ADVISE -> sink.advise(text());
          case PART ->
              parts.add(
                  new SourcePart(text(), text(), in.readLong(), text(), in.readLong(), part()));
          default -> throw new IOException("a recording has no call " + call);
        }
      }
      return parts;
    }

    private void question() throws IOException {
      Optional<SplitPart> part = part();
      boolean named = in.readBoolean();
      String id = text();
      var question =
          new SourceQuestion(part, named ? Optional.of(id) : Optional.empty(), text(), text());
      questions.add(sink.question(question, origin()));
    }

    private ModelRun run() throws IOException {
      String format = text();
      String model = text();
      String task = text();
      String difference = text();
      int count = (int) number();
      Map<String, String> arguments = new TreeMap<>();
      for (int i = 0; i < count; i++) {
        arguments.put(text(), text());
      }
      return new ModelRun(format, model, task, arguments, difference);
    }

    private SourceAnswer answer() throws IOException {
      float score = in.readFloat();
      int count = (int) number();
      Map<Measure, Double> measures = new EnumMap<>(Measure.class);
      for (int i = 0; i < count; i++) {
        measures.put(MEASURES.get(in.readByte()), in.readDouble());
      }
      return new SourceAnswer(score, measures, text());
    }

    private List<String> texts() throws IOException {
      int count = (int) number();
      List<String> texts = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        texts.add(text());
      }
      return texts;
    }

    private int questionNumber() throws IOException {
      return questions.get((int) number());
    }

    private int modelNumber() throws IOException {
      return models.get((int) number());
    }

    private Origin origin() throws IOException {
      int file = (int) number();
      if (file == files.size()) {
        files.add(Origin.named(text()));
      }
      return files.get(file).at(number());
    }

    private Optional<SplitPart> part() throws IOException {
      int part = in.readByte();
      return part == 0 ? Optional.empty() : Optional.of(PARTS.get(part - 1));
    }

    private String text() throws IOException {
      byte[] utf8 = new byte[(int) number()];
      in.readFully(utf8);
      return new String(utf8, StandardCharsets.UTF_8);
    }

    private long number() throws IOException {
      long number = 0;
      int shift = 0;
      int next = in.readUnsignedByte();
      while (next > 0x7f) {
        number |= (long) (next & 0x7f) << shift;
        shift += 7;
        next = in.readUnsignedByte();
      }
      return number | (long) next << shift;
    }
  }
}
