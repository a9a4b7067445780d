package org.embedllm.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.TDistribution;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.artifact.VoteUpdate;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.linalg.Shuffle;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.question.VectorStore;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.votes.VoteNotes;

/// What votes add to scores, in docs/results.md: a pool is trained on the scores of some questions,
/// votes made from the answers to others move its vectors, and both forecast the answers to a third
/// part.
///
/// `--data DATASET` (scores, encoded), `--each 200` votes a model, `--draws 10`.
public final class VotesBesideScores {
  private static final int[] SCORED = {50, 100, 200, 500, 1_000, 2_000};
  private static final int VALIDATION = 100;
  private static final int VOTED = 4_000;
  private static final int TEST = 2_000;

  private VotesBesideScores() {}

  public static void main(String[] arguments) throws IOException {
    Flags flags = Flags.of(arguments);
    Path dataset = Path.of(flags.text("data"));
    CorrectnessMatrix matrix = DatasetLoader.load(dataset).data().matrix();
    VectorStore store = VectorStore.ofDataset(dataset);
    QuestionVectors vectors =
        TextFeatureVectors.append(
            store.find(matrix.questions(), store.encoders().getFirst()).orElseThrow(),
            matrix.questions());
    int draws = flags.integer("draws", 10);
    for (int scored : SCORED) {
      double[][] own = new double[draws][];
      for (int draw = 0; draw < draws; draw++) {
        own[draw] = measured(matrix, vectors, scored, flags.integer("each", 200), draw);
      }
      print(scored, own);
    }
  }

  /// Log loss and accuracy without votes, both with them, and the scale.
  private static double[] measured(
      CorrectnessMatrix matrix, QuestionVectors vectors, int scored, int each, int draw) {
    SplittableRandom random = new SplittableRandom(draw);
    int[] order = Shuffle.of(IntStream.range(0, matrix.questionCount()).toArray(), random);
    CorrectnessMatrix train = matrix.selectQuestions(Arrays.copyOf(order, scored));
    int from = Arrays.stream(SCORED).max().orElseThrow();
    CorrectnessMatrix validation =
        matrix.selectQuestions(Arrays.copyOfRange(order, from, from + VALIDATION));
    from += VALIDATION;
    CorrectnessMatrix voted = matrix.selectQuestions(Arrays.copyOfRange(order, from, from + VOTED));
    from += VOTED;
    CorrectnessMatrix test = matrix.selectQuestions(Arrays.copyOfRange(order, from, from + TEST));
    ModelArtifact scores =
        new PoolTrainer(new KernelFactorizationTrainer(KernelOptions.DEFAULT), "benchmark")
            .train(
                new PoolTrainer.Input(train, validation, vectors, "00", Map.of(), Map.of()),
                TrainingListener.NONE)
            .artifact();
    ModelArtifact both =
        new VoteUpdate(scores, voted.questions(), vectors, train.questions())
            .moved(VoteComparison.drawn(voted, each, random), 2);
    double[] before = losses(scores, test, vectors);
    double[] after = losses(both, test, vectors);
    return new double[] {
      before[0],
      before[1],
      after[0],
      after[1],
      both.votes().map(VoteNotes::likelihood).orElseThrow().scale()
    };
  }

  private static double[] losses(
      ModelArtifact pool, CorrectnessMatrix test, QuestionVectors vectors) {
    List<Question> questions = test.questions();
    FloatMatrix forecast =
        pool.factorization()
            .forecast(
                pool.factorization()
                    .attributes()
                    .beside(vectors.of(questions).vectors(), questions));
    double loss = 0;
    double right = 0;
    for (int j = 0; j < test.questionCount(); j++) {
      for (int c = test.firstCell(j); c < test.firstCell(j + 1); c++) {
        double p = Math.clamp(forecast.get(j, test.cellModel(c)), 1e-6, 1 - 1e-6);
        boolean correct = CorrectnessMatrix.isCorrect(test.cellScore(c));
        loss -= Math.log(correct ? p : 1 - p);
        right += p >= 0.5 == correct ? 1 : 0;
      }
    }
    return new double[] {loss / test.cellCount(), right / test.cellCount()};
  }

  private static void print(int scored, double[][] draws) {
    System.out.printf(
        Locale.ROOT,
        "%d scored questions: log loss %.4f, with votes %.4f, difference %s; accuracy %.4f, with"
            + " votes %.4f, difference %s; scale %.2f%n",
        scored,
        mean(draws, 0),
        mean(draws, 2),
        difference(draws, 2, 0),
        mean(draws, 1),
        mean(draws, 3),
        difference(draws, 3, 1),
        mean(draws, 4));
  }

  private static double mean(double[][] draws, int column) {
    return Arrays.stream(draws).mapToDouble(d -> d[column]).average().orElseThrow();
  }

  /// With half of the 95 % interval over the draws.
  private static String difference(double[][] draws, int with, int without) {
    int n = draws.length;
    double mean = mean(draws, with) - mean(draws, without);
    double square =
        Arrays.stream(draws).mapToDouble(d -> Math.pow(d[with] - d[without] - mean, 2)).sum();
    double half =
        TDistribution.of(n - 1.0).inverseCumulativeProbability(0.975)
            * Math.sqrt(square / (n - 1.0) / n);
    return String.format(Locale.ROOT, "%+.4f ± %.4f", mean, half);
  }
}
