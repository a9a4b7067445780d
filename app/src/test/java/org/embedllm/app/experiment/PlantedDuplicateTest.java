package org.embedllm.app.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.ModelEmbeddings;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.probe.ModelDistances;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// "If two models generate the same answers for every prompt, then their embeddings are the same."
/// Zhuang et al. (2025), §6.1.
@Tag("training")
class PlantedDuplicateTest {
  private static final Path REAL = Path.of("../../shared/data/mmlu-pro");
  private static final double NEAR = 0.2; // of the median distance

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4})
  void canonicalEmbeddings_twinsOfAnInventedPool_areNearestNeighbours(long seed) {
    EvaluationData data = InventedPool.data();
    int[] train = data.split().questions(SplitPart.TRAIN);
    TrainingOptions options =
        TrainingOptions.DEFAULT
            .withDimension(8)
            .withEpochs(100)
            .withLearningRate(0.02)
            .withNoise(0)
            .withSeed(seed)
            .withThreads(1);
    requireTwins(
        data.matrix().selectQuestions(train),
        InventedPool.vectors(data).select(train),
        options,
        0,
        1);
  }

  @Test
  void canonicalEmbeddings_twinPlantedAmongRealModels_isTheNearestNeighbour() {
    Assumptions.assumeTrue(
        Files.isDirectory(REAL), "the folder shared/data beside the project is not here");
    EvaluationData data = DatasetLoader.load(REAL).data();
    int[] train =
        IntStream.of(data.split().questions(SplitPart.TRAIN)).filter(j -> j % 4 == 0).toArray();
    CorrectnessMatrix real = data.matrix().selectQuestions(train);
    int m = real.modelCount();
    float[][] scores = new float[train.length][m + 1];
    for (int j = 0; j < train.length; j++) {
      real.scores(j, scores[j]);
      scores[j][m] = scores[j][9];
    }
    var names = new java.util.ArrayList<>(real.models());
    names.add("twin of " + names.get(9));
    CorrectnessMatrix planted = CorrectnessMatrix.ofDense(names, real.questions(), scores);
    // Vectors that know the benchmark and little else stand in for an encoder.
    int q = 24;
    var benchmarks = real.benchmarks();
    SplittableRandom random = new SplittableRandom(3);
    float[] values = new float[train.length * q];
    for (int j = 0; j < train.length; j++) {
      int benchmark = benchmarks.indexOf(real.questions().get(j).benchmark());
      for (int k = 0; k < q; k++) {
        values[j * q + k] = (float) ((k == benchmark ? 1 : 0) + 0.1 * random.nextGaussian());
      }
    }
    QuestionVectors vectors =
        new QuestionVectors(
            real.questions().stream().map(question -> question.id()).toList(),
            FloatMatrix.wrap(train.length, q, values),
            new EncoderIdentity("benchmarks", "0", q, 0));
    TrainingOptions options =
        TrainingOptions.DEFAULT
            .withDimension(32)
            .withEpochs(30)
            .withLearningRate(3e-3)
            .withThreads(2);
    requireTwins(planted, vectors, options, 9, m);
  }

  private static void requireTwins(
      CorrectnessMatrix answers,
      QuestionVectors vectors,
      TrainingOptions options,
      int model,
      int twin) {
    MatrixFactorization fitted =
        new MatrixFactorizationTrainer(options).fit(TrainingProblem.of(answers, vectors)).model();
    ModelDistances distances =
        ModelDistances.of(
            answers.models(), ModelEmbeddings.canonical(fitted, vectors.vectors()).vectors());
    assertThat(distances.nearest(model)[0]).isEqualTo(twin);
    assertThat(distances.nearest(twin)[0]).isEqualTo(model);
    assertThat(distances.distance(model, twin)).isLessThan(NEAR * distances.median());
  }
}
