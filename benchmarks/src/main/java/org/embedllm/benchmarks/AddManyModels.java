package org.embedllm.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.SplitPart;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.question.VectorStore;

/// How long it takes to place many new models in a trained pool: invented models whose answers to
/// the training questions follow the pool's, so that they are as hard to place as real ones.
///
/// Arguments: `--data DATASET` (a data set directory with vectors), `--models 1000`, `--threads 2`,
/// `--answers 500,0` numbers of answers of each new model, 0 for one to every question.
public final class AddManyModels {
  private final ModelAddition addition;
  private final CorrectnessMatrix known;
  private final int models;
  private final int threads;

  private AddManyModels(ModelAddition addition, CorrectnessMatrix known, int models, int threads) {
    this.addition = addition;
    this.known = known;
    this.models = models;
    this.threads = threads;
  }

  public static void main(String[] arguments) throws IOException {
    Flags flags = Flags.of(arguments);
    Path folder = Path.of(flags.text("data"));
    EvaluationData data = DatasetLoader.load(folder).data();
    VectorStore store = VectorStore.ofDataset(folder);
    CorrectnessMatrix train = data.part(SplitPart.TRAIN);
    PoolTrainer.Trained pool =
        new PoolTrainer(
                new KernelFactorizationTrainer(KernelOptions.DEFAULT.withLandmarks(512)),
                "benchmark")
            .train(
                new PoolTrainer.Input(
                    train,
                    data.part(SplitPart.VALIDATION),
                    store
                        .find(data.matrix().questions(), store.encoders().getFirst())
                        .orElseThrow(),
                    "benchmark",
                    Map.of(),
                    Map.of()),
                report -> {});
    var harness =
        new AddManyModels(
            new ModelAddition(pool.artifact(), pool.questions()),
            train,
            flags.integer("models", 1_000),
            flags.integer("threads", 2));
    String counts = flags.has("answers") ? flags.text("answers") : "500,0";
    System.out.println("answers each   models   seconds   median ms   slowest ms");
    for (String count : counts.split(",")) {
      harness.measure(Integer.parseInt(count));
    }
  }

  private void measure(int answers) {
    CorrectnessMatrix responses = responses(answers == 0 ? known.questionCount() : answers);
    double[] seconds = new double[models];
    long start = System.nanoTime();
    List<ModelAddition.Added> added =
        addition.placeAll(
            responses, Optional.empty(), threads, System::nanoTime, (i, s) -> seconds[i] = s);
    addition.with(added);
    double all = (System.nanoTime() - start) * 1e-9;
    Arrays.sort(seconds);
    System.out.printf(
        Locale.ROOT,
        "%12d %8d %9.1f %11.1f %12.1f%n",
        answers == 0 ? known.questionCount() : answers,
        models,
        all,
        1e3 * seconds[models / 2],
        1e3 * seconds[models - 1]);
  }

  /// Each new model answers as a mixture of two models of the pool would.
  private CorrectnessMatrix responses(int answers) {
    var random = new SplittableRandom(1);
    int n = known.questionCount();
    float[][] scores = new float[n][models];
    for (float[] row : scores) {
      Arrays.fill(row, Float.NaN);
    }
    for (int i = 0; i < models; i++) {
      int one = random.nextInt(known.modelCount());
      int other = random.nextInt(known.modelCount());
      for (int asked = 0; asked < answers; asked++) {
        int j = answers == n ? asked : random.nextInt(n);
        float score = known.score(random.nextBoolean() ? one : other, j);
        scores[j][i] = Float.isNaN(score) ? 0 : score;
      }
    }
    List<String> names = IntStream.range(0, models).mapToObj(i -> "new-" + i).toList();
    return CorrectnessMatrix.ofDense(names, known.questions(), scores);
  }
}
