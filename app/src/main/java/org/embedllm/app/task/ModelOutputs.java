package org.embedllm.app.task;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Progress;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.AnswerOutputs;
import org.embedllm.dataset.Dataset;
import org.embedllm.facts.OutputSimilarity;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;

/// What models write, as the mean vector of some of their answers' texts.
public final class ModelOutputs {
  /// Texts that are encoded for each model.
  public static final int MOST_TEXTS = 100;

  private static final int AT_ONCE = 64;
  private static final int MOST_CHARACTERS = 2_000;

  private ModelOutputs() {}

  /// Texts of the answers to training questions that an import kept, by model: at most
  /// [#MOST_TEXTS], evenly spaced.
  ///
  /// @throws BadInputException when the data set has none
  public static Map<String, List<String>> of(Dataset dataset) throws IOException {
    EvaluationData data = dataset.data();
    if (dataset.outputs().isEmpty()) {
      throw BadInputException.of(
          "the data set has no texts of answers: import it with --keep-outputs from sources that have them");
    }
    CorrectnessMatrix matrix = data.matrix();
    Map<String, List<String>> all = new LinkedHashMap<>();
    matrix.models().forEach(model -> all.put(model, new ArrayList<>()));
    try (AnswerOutputs.Cursor cursor = dataset.outputs().open()) {
      for (int j = 0; j < matrix.questionCount(); j++) {
        for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
          String text = cursor.text(c);
          if (!text.isBlank() && data.split().part(j) == SplitPart.TRAIN) {
            all.getOrDefault(matrix.models().get(matrix.cellModel(c)), new ArrayList<>())
                .add(shortened(text));
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

  static List<String> spaced(List<String> texts) {
    if (texts.size() <= MOST_TEXTS) {
      return texts;
    }
    List<String> kept = new ArrayList<>();
    for (int t = 0; t < MOST_TEXTS; t++) {
      kept.add(texts.get((int) ((long) t * texts.size() / MOST_TEXTS)));
    }
    return kept;
  }

  /// The mean vector of each model's texts, `[models, e]`; zeros where it has none.
  ///
  /// @param pool the encoder of the questions; texts are encoded by its sentence encoder
  public static FloatMatrix means(
      Map<String, List<String>> texts, EncoderIdentity pool, Console console) {
    String name = pool.sentenceEncoder();
    int total = texts.values().stream().mapToInt(List::size).sum();
    try (QuestionEncoder encoder = Encoders.open(name, EncoderSettings.of(System.getenv()));
        Progress progress = console.progress("outputs", total, "texts")) {
      int e = encoder.identity().dimension();
      float[] means = new float[texts.size() * e];
      int model = 0;
      int done = 0;
      for (List<String> own : texts.values()) {
        for (int from = 0; from < own.size(); from += AT_ONCE) {
          List<String> part = own.subList(from, Math.min(own.size(), from + AT_ONCE));
          FloatMatrix vectors = encoder.encode(part);
          for (int t = 0; t < part.size(); t++) {
            for (int c = 0; c < e; c++) {
              means[model * e + c] += vectors.get(t, c) / own.size();
            }
          }
          done += part.size();
          progress.advanceTo(done);
        }
        model++;
      }
      return FloatMatrix.wrap(texts.size(), e, means);
    }
  }

  /// The mean vectors of what a pool's models write, and below them those of new models.
  ///
  /// @param models names of the new models
  /// @param texts of some of them
  /// @return [pool + models, e]
  /// @throws BadInputException when the pool does not know what its models write
  public static FloatMatrix beside(
      ModelInput input, List<String> models, Map<String, List<String>> texts, Console console) {
    FloatMatrix pool = input.artifact().tensors().get(OutputSimilarity.MEANS);
    if (pool == null || pool.rows() != input.models().size()) {
      throw BadInputException.in(
          input.path(), "does not know what its models write: train it with --outputs");
    }
    Map<String, List<String>> own = new LinkedHashMap<>();
    models.forEach(name -> own.put(name, texts.getOrDefault(name, List.of())));
    FloatMatrix added = means(own, input.artifact().encoder(), console);
    float[] all = Arrays.copyOf(pool.toArray(), (pool.rows() + added.rows()) * pool.columns());
    System.arraycopy(
        added.sharedArray(), 0, all, pool.rows() * pool.columns(), added.sharedArray().length);
    return FloatMatrix.wrap(pool.rows() + added.rows(), pool.columns(), all);
  }
}
