package org.embedllm.source;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    SourceRecognition recognition = new SourceRecognition(options);
    List<SourceRecognition.Found> found = sources.stream().map(recognition::recognise).toList();
    List<SourcePart> parts = new ArrayList<>();
    for (SourceRecognition.Found source : found) {
      for (AnswerReader reader : source.readers()) {
        parts.addAll(reader.read(collector, options, progress));
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
    return parts;
  }
}
