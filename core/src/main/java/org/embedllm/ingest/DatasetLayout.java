package org.embedllm.ingest;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.SourceLayout;
import org.embedllm.source.SourcePart;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.SourceQuestion;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.Origin;

/// A data set directory as a source of another import.
record DatasetLayout() implements SourceLayout {
  @Override
  public String name() {
    return "dataset";
  }

  @Override
  public boolean recognises(SourcePreview source) {
    return DatasetDirectory.isDataset(source.path());
  }

  @Override
  public List<SourcePart> read(
      Path folder, Optional<SplitPart> named, AnswerSink sink, ImportProgress progress) {
    Dataset dataset = DatasetDirectory.read(folder);
    EvaluationData data = dataset.data();
    CorrectnessMatrix matrix = data.matrix();
    Origin at = new Origin(folder, 0);
    int[] models = matrix.models().stream().mapToInt(sink::model).toArray();
    data.callCosts().forEach((model, cost) -> sink.cost(sink.model(model), cost));
    for (int j = 0; j < matrix.questionCount(); j++) {
      Question question = matrix.questions().get(j);
      Optional<SplitPart> part =
          dataset.splitBrought() ? Optional.of(data.split().part(j)) : Optional.empty();
      int number =
          sink.question(
              new SourceQuestion(
                  part, Optional.of(question.id()), question.text(), question.benchmark()),
              at);
      String group = dataset.groups().get(question.id());
      if (group != null) {
        sink.group(number, group);
      }
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        sink.answer(number, models[matrix.cellModel(c)], matrix.cellScore(c), at);
      }
    }
    return dataset.sources();
  }
}
