package org.embedllm.ingest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
    List<SourceRecognition.Found> found =
        sources.stream().map(source -> recognition.recognise(source, layouts)).toList();
    List<SourcePart> parts = new ArrayList<>();
    for (SourceRecognition.Found source : found) {
      for (SourceRecognition.Reading reading : source.readings()) {
        Optional<SplitPart> part = namesTellPart ? reading.part() : Optional.empty();
        collector.beginSource();
        parts.addAll(reading.layout().read(reading.source(), part, collector, progress));
      }
      source
          .modelOrder()
          .ifPresent(file ->
              collector.orderModels(OrderFile.read(file, OrderFile.MODEL_KEYS, List.of()).keys()));
    }
    orders.forEach(order -> order.describe(collector));
    layouts.forEach(SourceLayout::finish);
    return parts;
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
