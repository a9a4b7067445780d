package org.embedllm.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class PoolPlacementTest {
  @Test
  void place_readFromBytes_givesTheBitsOfTheModelFile() throws IOException {
    PoolTrainer.Trained pool = pool(5);
    var addition = new ModelAddition(pool.artifact(), pool.questions());
    PoolPlacement placement = PoolPlacement.of(pool.artifact(), pool.questions());
    PoolPlacement read = PoolPlacement.ofBytes(placement.toBytes());
    assertThat(read.toBytes()).isEqualTo(placement.toBytes());
    assertThat(read.questionCount()).isEqualTo(90);
    assertThat(read.row("q7")).hasValue(7);
    assertThat(read.row("elsewhere")).isEmpty();
    CorrectnessMatrix matrix = pool.questions().matrix();
    for (int i = 0; i < matrix.modelCount(); i++) {
      ModelAddition.Added expected = addition.place(matrix, i, Optional.empty());
      ModelAddition.Added got =
          read.place(matrix.models().get(i), addition.knownAnswers(matrix, i));
      assertThat(got.vector().mean()).isEqualTo(expected.vector().mean());
      assertThat(got.vector().covariance()).isEqualTo(expected.vector().covariance());
      assertThat(got.ability().accuracyByBenchmark())
          .isEqualTo(expected.ability().accuracyByBenchmark());
    }
  }

  @Test
  void place_aPoolOfLabels_makesLabelsOfScores() throws IOException {
    PoolTrainer.Trained pool = pool(5);
    PoolPlacement plain = PoolPlacement.of(pool.artifact(), pool.questions());
    PoolPlacement labels =
        PoolPlacement.ofBytes(
            PoolPlacement.of(
                    RightFrom.noted(pool.artifact(), OptionalDouble.of(0.6)), pool.questions())
                .toBytes());
    int[] questions = {0, 1, 2, 3};
    ModelAddition.Added got =
        labels.place("m", ItemResponses.of(questions, new double[] {0.59, 0.7, 0, 1}));
    ModelAddition.Added expected =
        plain.place("m", ItemResponses.of(questions, new double[] {0, 1, 0, 1}));
    assertThat(got.vector().mean()).isEqualTo(expected.vector().mean());
    assertThat(got.ability().answers().score(1)).isEqualTo(1);
  }

  @Test
  void ofBytes_alteredBytes_isRefused() throws IOException {
    PoolTrainer.Trained pool = pool(5);
    byte[] bytes = PoolPlacement.of(pool.artifact(), pool.questions()).toBytes();
    bytes[bytes.length - 5] ^= 1;
    assertThatThrownBy(() -> PoolPlacement.ofBytes(bytes))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("checksum");
  }

  static PoolTrainer.Trained pool(long seed) {
    var random = new SplittableRandom(seed);
    List<Question> questions = new ArrayList<>();
    float[] vectors = new float[90 * 3];
    float[][] scores = new float[90][5];
    for (int j = 0; j < 90; j++) {
      questions.add(new Question("q" + j, "Question " + j + "?", "b" + j % 2));
      for (int i = 0; i < 5; i++) {
        scores[j][i] = random.nextInt(6) <= i ? 1 : random.nextInt(2);
      }
    }
    for (int k = 0; k < vectors.length; k++) {
      vectors[k] = (float) random.nextGaussian();
    }
    CorrectnessMatrix matrix =
        CorrectnessMatrix.ofDense(List.of("a", "b", "c", "d", "e"), questions, scores);
    return new PoolTrainer(
            new KernelFactorizationTrainer(KernelOptions.DEFAULT.withDimensions(List.of(2))),
            "test")
        .train(
            new PoolTrainer.Input(
                matrix,
                matrix.selectQuestions(new int[0]),
                new QuestionVectors(
                    questions.stream().map(Question::id).toList(),
                    FloatMatrix.wrap(90, 3, vectors),
                    new EncoderIdentity("simulated", "00", 3, 0)),
                "00",
                Map.of(),
                Map.of()),
            report -> {});
  }
}
