package org.embedllm.ingest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Measure;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Reference;
import org.embedllm.correctness.SplitPart;
import org.embedllm.correctness.Vote;
import org.embedllm.dataset.AnswerOutputs;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.dataset.ImportReport;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.ModelRun;
import org.embedllm.source.RunNames;
import org.embedllm.source.SourceAnswer;
import org.embedllm.source.SourceLayout;
import org.embedllm.source.SourcePart;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.SourceQuestion;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.Origin;
import org.embedllm.source.file.SourceFile;

/// A data set directory as a source of another import.
final class DatasetLayout implements SourceLayout {
  private final RunNames names;
  private final Map<Path, Map<String, String>> renamed = new HashMap<>(); // by data set
  private final Map<Path, List<ModelRun>> runs = new HashMap<>(); // by data set

  /// @param names what tells runs of one name apart, for all sources of the import
  DatasetLayout(RunNames names) {
    this.names = names;
  }

  @Override
  public String name() {
    return "dataset";
  }

  @Override
  public boolean recognises(SourcePreview source) {
    return DatasetDirectory.isDataset(source.path());
  }

  /// The models' runs, before logs are read: a log whose model ran otherwise is another model.
  @Override
  public void announce(Path folder) {
    ImportReport report = DatasetDirectory.report(folder);
    List<String> models = DatasetDirectory.models(folder);
    List<String> described = report.runs().stream().map(ModelRun::name).toList();
    for (String model : models) {
      if (!described.contains(model)) {
        report.sources().forEach(source -> names.keepUnknown(source.format(), model, folder));
      }
    }
    Map<String, String> other = new HashMap<>();
    List<ModelRun> called = new ArrayList<>();
    List<ModelRun> kept = names.keep(report.runs());
    for (int i = 0; i < kept.size(); i++) {
      ModelRun own = report.runs().get(i);
      // The name of a model that ran a task in several ways stays as it is.
      boolean whole = own.task().isEmpty() && models.contains(own.name());
      if (whole) {
        other.put(own.name(), kept.get(i).name());
      }
      called.add(whole ? kept.get(i) : own);
    }
    renamed.put(folder, other);
    runs.put(folder, called);
  }

  @Override
  public List<SourcePart> read(
      Path folder, Optional<SplitPart> named, AnswerSink sink, ImportProgress progress) {
    Dataset dataset = DatasetDirectory.read(folder);
    try (AnswerOutputs.Cursor outputs = dataset.outputs().open()) {
      runs.getOrDefault(folder, List.of()).forEach(sink::run);
      new Contents(dataset, renamed.getOrDefault(folder, Map.of()), sink, new Origin(folder, 0))
          .pass(outputs);
    } catch (IOException e) {
      throw SourceFile.failed(folder, 0, e);
    }
    return dataset.report().sources();
  }

  /// Passes on what a data set holds.
  private record Contents(
      Dataset dataset, Map<String, String> renamed, AnswerSink sink, Origin at) {
    void pass(AnswerOutputs.Cursor outputs) throws IOException {
      EvaluationData data = dataset.data();
      CorrectnessMatrix matrix = data.matrix();
      int[] models = matrix.models().stream().mapToInt(this::model).toArray();
      if (!data.measures().has(Measure.COST)) {
        data.callCosts().forEach((model, cost) -> sink.cost(model(model), cost));
      }
      int[] numbers = new int[matrix.questionCount()];
      for (int j = 0; j < numbers.length; j++) {
        numbers[j] = question(j);
        for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
          sink.answer(
              numbers[j],
              models[matrix.cellModel(c)],
              new SourceAnswer(matrix.cellScore(c), data.measures().ofCell(c), outputs.text(c)),
              at);
        }
      }
      for (Vote vote : data.votes()) {
        sink.vote(
            numbers[vote.question()],
            models[vote.modelA()],
            models[vote.modelB()],
            vote.winner(),
            vote.judges(),
            at);
      }
      dataset.report().skipped().forEach(skipped -> sink.skip(skipped.task(), skipped.reason()));
    }

    private int model(String name) {
      return sink.model(renamed.getOrDefault(name, name));
    }

    private int question(int j) {
      Question question = dataset.data().matrix().questions().get(j);
      Optional<SplitPart> part =
          dataset.splitBrought() ? Optional.of(dataset.data().split().part(j)) : Optional.empty();
      int number =
          sink.question(
              new SourceQuestion(
                  part, Optional.of(question.id()), question.text(), question.benchmark()),
              at);
      String group = dataset.groups().get(question.id());
      if (group != null) {
        sink.group(number, group);
      }
      Reference reference = dataset.references().get(question.id());
      if (reference != null) {
        sink.reference(number, reference);
      }
      for (String name : question.attributes().names()) {
        String value = question.attributes().get(name).map(Object::toString).orElse("");
        sink.attribute(number, name, value, at);
      }
      return number;
    }
  }
}
