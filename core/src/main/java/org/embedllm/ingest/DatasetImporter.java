package org.embedllm.ingest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.embedllm.dataset.Dataset;
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
    return collector.dataset(collect(sources, collector));
  }

  /// Reads the answers one by one, in the order of the sources.
  ///
  /// @throws BadInputException when a source cannot be used
  AnswerLog log(List<Path> sources) {
    AnswerCollector collector = new AnswerCollector(options);
    return collector.log(collect(sources, collector));
  }

  private List<SourcePart> collect(List<Path> sources, AnswerCollector collector) {
    if (sources.isEmpty()) {
      throw BadInputException.of("nothing to import: name a file or a directory");
    }
    List<SourceLayout> layouts = Layouts.of(options);
    SourceRecognition recognition = new SourceRecognition(options, layouts);
    List<SourceRecognition.Found> found = sources.stream().map(recognition::recognise).toList();
    List<SourcePart> parts = new ArrayList<>();
    for (SourceRecognition.Found source : found) {
      for (SourceRecognition.Reading reading : source.readings()) {
        parts.addAll(reading.layout().read(reading.source(), reading.part(), collector, progress));
      }
      source
          .questionOrder()
          .ifPresent(file ->
              collector.orderQuestions(new OrderFile(file, OrderFile.QUESTION_KEYS).keys()));
      source
          .modelOrder()
          .ifPresent(
              file -> collector.orderModels(new OrderFile(file, OrderFile.MODEL_KEYS).keys()));
    }
    layouts.forEach(SourceLayout::finish);
    return parts;
  }
}
