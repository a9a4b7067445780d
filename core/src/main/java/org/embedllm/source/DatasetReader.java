package org.embedllm.source;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;

/// A data set directory as a source of another import.
record DatasetReader(Path folder) implements AnswerReader {
  @Override
  public List<SourcePart> read(
      AnswerCollector collector, ImportOptions options, ImportProgress progress) {
    Dataset dataset = DatasetDirectory.read(folder);
    EvaluationData data = dataset.data();
    CorrectnessMatrix matrix = data.matrix();
    Origin at = new Origin(folder, 0);
    int[] models = matrix.models().stream().mapToInt(collector::model).toArray();
    data.callCosts().forEach((model, cost) -> collector.cost(collector.model(model), cost));
    for (int j = 0; j < matrix.questionCount(); j++) {
      Question question = matrix.questions().get(j);
      var part =
          dataset.splitBrought()
              ? Optional.of(data.split().part(j))
              : Optional.<org.embedllm.correctness.SplitPart>empty();
      int number =
          collector.question(part, question.id(), question.text(), question.benchmark(), at);
      String group = dataset.groups().get(question.id());
      if (group != null) {
        collector.group(number, group);
      }
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        collector.answer(number, models[matrix.cellModel(c)], matrix.cellScore(c), at);
      }
    }
    return dataset.sources();
  }
}
