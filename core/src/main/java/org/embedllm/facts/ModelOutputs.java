package org.embedllm.facts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.AnswerOutputs;
import org.embedllm.dataset.Dataset;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;

/// What models write, as the mean vector of some of their answers' texts.
public final class ModelOutputs {
  /// Texts that are encoded for each model.
  public static final int MOST_TEXTS = 100;

  private static final int AT_ONCE = 64;
  private static final int MOST_MEANS = 20_000; // of models and benchmarks
  private static final int MOST_CHARACTERS = 2_000;

  private ModelOutputs() {}

  /// The text of an answer.
  ///
  /// @param benchmark of its question; empty where it is not known
  /// @param text what the model wrote
  public record Text(String benchmark, String text) {}

  /// The benchmarks whose texts a pool keeps apart: all, where there are several and their means
  /// are few enough; otherwise none.
  static List<String> toldApart(AnswerCounts training) {
    List<String> benchmarks = training.benchmarks();
    return benchmarks.size() > 1
            && (long) benchmarks.size() * training.models().size() <= MOST_MEANS
        ? benchmarks
        : List.of();
  }

  /// Texts of the answers to training questions that an import kept, by model: at most
  /// [#MOST_TEXTS], evenly spaced.
  ///
  /// @throws BadInputException when the data set has none
  public static Map<String, List<Text>> of(Dataset dataset) throws IOException {
    EvaluationData data = dataset.data();
    if (dataset.outputs().isEmpty()) {
      throw BadInputException.of(
          "the data set has no texts of answers: import it with --keep-outputs from sources that have them");
    }
    CorrectnessMatrix matrix = data.matrix();
    Map<String, List<Text>> all = new LinkedHashMap<>();
    matrix.models().forEach(model -> all.put(model, new ArrayList<>()));
    try (AnswerOutputs.Cursor cursor = dataset.outputs().open()) {
      for (int j = 0; j < matrix.questionCount(); j++) {
        for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
          String text = cursor.text(c);
          if (!text.isBlank() && data.split().part(j) == SplitPart.TRAIN) {
            all.getOrDefault(matrix.models().get(matrix.cellModel(c)), new ArrayList<>())
                .add(new Text(matrix.questions().get(j).benchmark(), shortened(text)));
          }
        }
      }
    }
    all.replaceAll((model, texts) -> spaced(texts));
    return all;
  }

  private static String shortened(String text) {
    return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS);
  }

  static List<Text> spaced(List<Text> texts) {
    if (texts.size() <= MOST_TEXTS) {
      return texts;
    }
    List<Text> kept = new ArrayList<>();
    for (int t = 0; t < MOST_TEXTS; t++) {
      kept.add(texts.get((int) ((long) t * texts.size() / MOST_TEXTS)));
    }
    return kept;
  }

  /// Is told how many of all texts are encoded.
  @FunctionalInterface
  public interface Listener {
    void encoded(int done, int total);
  }

  /// The mean vectors of what a pool's models write.
  ///
  /// @param texts by model
  /// @param training the answers that the pool was trained on
  /// @param encoder of sentences
  public static OutputMeans ofPool(
      Map<String, List<Text>> texts,
      AnswerCounts training,
      QuestionEncoder encoder,
      Listener listener) {
    return means(texts, encoder, toldApart(training), listener);
  }

  /// The mean vectors of each model's texts.
  ///
  /// @param texts by model
  /// @param encoder of sentences
  /// @param benchmarks whose texts have means of their own
  public static OutputMeans means(
      Map<String, List<Text>> texts,
      QuestionEncoder encoder,
      List<String> benchmarks,
      Listener listener) {
    int total = texts.values().stream().mapToInt(List::size).sum();
    int e = encoder.identity().dimension();
    int b = benchmarks.size();
    float[] means = new float[texts.size() * e];
    float[] byBenchmark = new float[Math.multiplyExact(texts.size(), b * e)];
    int model = 0;
    int done = 0;
    for (List<Text> own : texts.values()) {
      Map<String, Long> counts =
          own.stream().collect(Collectors.groupingBy(Text::benchmark, Collectors.counting()));
      for (int from = 0; from < own.size(); from += AT_ONCE) {
        List<Text> part = own.subList(from, Math.min(own.size(), from + AT_ONCE));
        FloatMatrix vectors = encoder.encode(part.stream().map(Text::text).toList());
        for (int t = 0; t < part.size(); t++) {
          String benchmark = part.get(t).benchmark();
          add(vectors, t, own.size(), means, model * e);
          if (benchmarks.contains(benchmark)) {
            add(
                vectors,
                t,
                counts.getOrDefault(benchmark, 1L),
                byBenchmark,
                (model * b + benchmarks.indexOf(benchmark)) * e);
          }
        }
        done += part.size();
        listener.encoded(done, total);
      }
      model++;
    }
    return new OutputMeans(
        FloatMatrix.wrap(texts.size(), e, means),
        FloatMatrix.wrap(texts.size(), b * e, byBenchmark));
  }

  private static void add(FloatMatrix vectors, int row, long count, float[] means, int at) {
    for (int c = 0; c < vectors.columns(); c++) {
      means[at + c] += vectors.get(row, c) / count;
    }
  }

  /// The mean vectors of what a pool's models write, and below them those of new models.
  ///
  /// @param pool of its models
  /// @param models names of the new models
  /// @param texts of some of them
  /// @param benchmarks of the pool
  /// @param encoder of sentences, that of the pool's means
  public static OutputMeans beside(
      OutputMeans pool,
      List<String> models,
      Map<String, List<Text>> texts,
      List<String> benchmarks,
      QuestionEncoder encoder,
      Listener listener) {
    Map<String, List<Text>> own = new LinkedHashMap<>();
    models.forEach(name -> own.put(name, texts.getOrDefault(name, List.of())));
    return pool.above(
        means(own, encoder, pool.byBenchmark().columns() == 0 ? List.of() : benchmarks, listener));
  }
}
