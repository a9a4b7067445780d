package org.embedllm.ingest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.Dataset;
import org.embedllm.source.Grouping;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourceLayout;
import org.embedllm.source.SourcePart;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.storage.BadInputException;

/// Reads logs and tables of any accepted layout into one data set.
public final class DatasetImporter {
  private final ImportOptions options;
  private final ImportProgress progress;

  public DatasetImporter(ImportOptions options, ImportProgress progress) {
    this.options = options;
    this.progress = progress;
  }

  /// Reads all sources, in the order given, as one data set: models are matched by name, questions
  /// by id.
  ///
  /// @throws BadInputException when a source cannot be used, or the sources do not fit together
  public Dataset read(List<Path> sources) {
    AnswerCollector collector = new AnswerCollector(options);
    return collector.dataset(collect(sources, collector, true));
  }

  /// Reads all sources elsewhere, and collects them here in the order given: the same data set as
  /// [#read(List)]. Columns that were asked for and are in no source are no error.
  ///
  /// @param recordings gives the recording of each task, in their order
  /// @throws BadInputException when a source cannot be used, or the sources do not fit together
  public Dataset read(
      List<Path> sources,
      Function<List<SourceRecording.Task>, Iterator<RecordedBytes>> recordings) {
    AnswerCollector collector = new AnswerCollector(options);
    Recognized recognized = recognized(sources);
    List<SourceRecording.Task> tasks = new ArrayList<>();
    for (SourceRecognition.Found source : recognized.found()) {
      for (SourceRecognition.Reading one : source.readings()) {
        tasks.add(new SourceRecording.Task(one.layout().name(), one.source(), one.part()));
      }
    }
    Iterator<RecordedBytes> read = recordings.apply(tasks);
    return collector.dataset(
        collect(
            recognized,
            collector,
            (reading, named) -> SourceRecording.replay(read.next(), collector)));
  }

  /// Collects sources that were read elsewhere, each by [#recorded], in the order given: the same
  /// data set as [#read(List)], but for what a layout learns from one source for the next. Columns
  /// that were asked for and are in no source are no error.
  ///
  /// @throws BadInputException when the sources do not fit together
  public Dataset collected(Iterator<RecordedSource> sources) {
    AnswerCollector collector = new AnswerCollector(options);
    List<SourcePart> parts = new ArrayList<>();
    sources.forEachRemaining(source -> {
      for (RecordedBytes recording : source.recordings()) {
        collector.beginSource();
        parts.addAll(SourceRecording.replay(recording, collector));
      }
      collector.orderModels(source.modelOrder());
      collector.orderQuestions(source.questionOrder());
    });
    return collector.dataset(parts);
  }

  /// Reads a source whose layout is not known yet, for [#collected]. Of an order of questions, only
  /// the order counts.
  ///
  /// @param source a file or folder, perhaps a copy
  /// @param named puts the names of the originals into a text that has those of copies
  /// @throws BadInputException when the source cannot be used
  public RecordedSource recorded(Path source, UnaryOperator<String> named) {
    try {
      Recognized recognized = recognized(List.of(source));
      SourceRecognition.Found found = recognized.found().getFirst();
      found.readings().forEach(reading -> reading.layout().announce(reading.source()));
      return new RecordedSource(
          found.readings().stream()
              .map(one -> SourceRecording.of(one.layout(), one.source(), one.part(), named))
              .toList(),
          found.modelOrder().map(DatasetImporter::models).orElse(List.of()),
          recognized.orders().stream().flatMap(order -> order.rows().keys().stream()).toList());
    } catch (BadInputException e) {
      throw BadInputException.of(named.apply(e.getMessage()));
    }
  }

  /// Reads one file, whose name does not say which part of a split it is.
  ///
  /// @throws BadInputException when it cannot be used
  Dataset readFile(Path file) {
    AnswerCollector collector = new AnswerCollector(options);
    return collector.dataset(collect(List.of(file), collector, false));
  }

  /// Reads the answers one by one, in the order of the sources.
  ///
  /// @throws BadInputException when a source cannot be used
  AnswerLog log(List<Path> sources) {
    AnswerCollector collector = new AnswerCollector(options);
    return collector.log(collect(sources, collector, true));
  }

  private List<SourcePart> collect(
      List<Path> sources, AnswerCollector collector, boolean namesTellPart) {
    Recognized recognized = recognized(sources);
    List<SourcePart> parts =
        collect(
            recognized,
            collector,
            (reading, named) -> {
              Optional<SplitPart> part = namesTellPart ? named : Optional.empty();
              return reading.layout().read(reading.source(), part, collector, progress);
            });
    recognized.layouts().forEach(SourceLayout::finish);
    return parts;
  }

  /// What is to be read, and by which layouts.
  private record Recognized(
      List<QuestionOrder> orders,
      List<SourceLayout> layouts,
      List<SourceRecognition.Found> found) {}

  private interface Reader {
    List<SourcePart> read(SourceRecognition.Reading reading, Optional<SplitPart> part);
  }

  private Recognized recognized(List<Path> sources) {
    if (sources.isEmpty()) {
      throw BadInputException.of("nothing to import: name a file or a directory");
    }
    SourceRecognition recognition = new SourceRecognition(options);
    List<QuestionOrder> orders =
        sources.stream()
            .flatMap(source -> SourceRecognition.questionOrder(source).stream())
            .map(file -> QuestionOrder.read(file, options))
            .toList();
    List<SourceLayout> layouts = Layouts.of(without(orders));
    return new Recognized(
        orders,
        layouts,
        sources.stream().map(source -> recognition.recognise(source, layouts)).toList());
  }

  private static List<SourcePart> collect(
      Recognized recognized, AnswerCollector collector, Reader reader) {
    List<SourcePart> parts = new ArrayList<>();
    for (SourceRecognition.Found source : recognized.found()) {
      source.readings().forEach(reading -> reading.layout().announce(reading.source()));
    }
    for (SourceRecognition.Found source : recognized.found()) {
      for (SourceRecognition.Reading reading : source.readings()) {
        collector.beginSource();
        parts.addAll(reader.read(reading, reading.part()));
      }
      source.modelOrder().map(DatasetImporter::models).ifPresent(collector::orderModels);
    }
    recognized.orders().forEach(order -> order.describe(collector));
    return parts;
  }

  private static List<String> models(Path order) {
    return OrderFile.read(order, OrderFile.MODEL_KEYS, List.of()).keys();
  }

  /// The options of the layouts, which need not look for what an order of questions says.
  private ImportOptions without(List<QuestionOrder> orders) {
    Map<String, String> attributes = new TreeMap<>(options.attributes());
    attributes.values().removeIf(column -> orders.stream().anyMatch(order -> order.has(column)));
    Optional<String> group = options.split().groupColumn();
    boolean grouped =
        group.isPresent() && orders.stream().anyMatch(order -> order.has(group.get()));
    ImportOptions rest = options.withAttributes(attributes);
    return grouped ? rest.withSplit(options.split().withGrouping(new Grouping.None())) : rest;
  }
}
