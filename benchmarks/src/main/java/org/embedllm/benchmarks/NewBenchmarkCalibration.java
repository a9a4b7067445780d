package org.embedllm.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.forecast.GroupCalibration;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.question.VectorStore;
import org.embedllm.tensor.FloatMatrix;

/// Calibration on benchmarks that the training had no question of: the benchmarks of a data set in
/// ten folds, each forecast by a training on the others, all cells pooled. Beside it is what chance
/// gives when whole benchmarks are drawn ([GroupCalibration]).
///
/// `--data DATASET` (with vectors of minilm-l6), `--by-benchmark` (d and calibration are chosen on
/// the benchmarks of another fold, instead of on a tenth of the questions), `--landmarks 384`,
/// `--folds 10`.
public final class NewBenchmarkCalibration {
  private static final int TENTH = 10;

  private NewBenchmarkCalibration() {}

  public static void main(String[] arguments) throws IOException {
    Flags flags = Flags.of(arguments);
    Path path = Path.of(flags.text("data"));
    EvaluationData data = DatasetLoader.load(path).data();
    CorrectnessMatrix matrix = data.matrix();
    List<Question> questions = matrix.questions();
    VectorStore store = VectorStore.ofDataset(path);
    EncoderIdentity encoder =
        store.encoders().stream()
            .filter(e -> e.name().equals("minilm-l6"))
            .findFirst()
            .orElseThrow();
    QuestionVectors vectors =
        TextFeatureVectors.append(store.find(questions, encoder).orElseThrow(), questions);
    List<String> benchmarks =
        new ArrayList<>(new TreeSet<>(questions.stream().map(Question::benchmark).toList()));
    Collections.shuffle(benchmarks, new Random(0));
    int folds = Math.min(flags.integer("folds", TENTH), benchmarks.size());
    int[] fold =
        questions.stream().mapToInt(q -> benchmarks.indexOf(q.benchmark()) % folds).toArray();
    KernelOptions options =
        KernelOptions.DEFAULT.withLandmarks(flags.integer("landmarks", 384)).withAttributesKnown(0);
    int m = matrix.modelCount();
    float[] forecasts = new float[questions.size() * m];
    for (int f = 0; f < folds; f++) {
      int left = f;
      int next = (f + 1) % folds;
      IntPredicate validates =
          flags.has("by-benchmark") ? j -> fold[j] == next : j -> j % TENTH == 0;
      int[] held = which(questions.size(), j -> fold[j] == left);
      int[] validation = which(questions.size(), j -> fold[j] != left && validates.test(j));
      int[] train = which(questions.size(), j -> fold[j] != left && !validates.test(j));
      MatrixFactorization model =
          new KernelFactorizationTrainer(options)
              .fit(
                  TrainingProblem.of(matrix.selectQuestions(train), vectors)
                      .withValidation(matrix.selectQuestions(validation), vectors))
              .model();
      FloatMatrix found = model.forecast(vectors.select(held).vectors());
      for (int at = 0; at < held.length; at++) {
        System.arraycopy(found.row(at), 0, forecasts, held[at] * m, m);
      }
    }
    GroupCalibration pooled =
        GroupCalibration.of(matrix, FloatMatrix.wrap(questions.size(), m, forecasts), Set.of(), 0)
            .orElseThrow();
    System.out.printf(
        "%s: %d benchmarks in %d folds, %,d cells, calibration error %.4f, by chance %.4f%n",
        path.getFileName(),
        pooled.groups(),
        folds,
        pooled.cells(),
        pooled.error(),
        pooled.errorIfPerfect());
  }

  private static int[] which(int count, IntPredicate chosen) {
    return IntStream.range(0, count).filter(chosen).toArray();
  }
}
