package org.embedllm.factorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The published method, step by step, against a run of it in PyTorch.
@Tag("training")
class PublishedMethodTest {
  private static final double TOLERANCE = 1e-5;
  private static final Path GOLDEN = Path.of("../../shared/reference/mf-golden.json");

  private static JsonNode golden = JsonMapper.builder().build().createObjectNode();

  @BeforeAll
  static void read() {
    Assumptions.assumeTrue(
        Files.isRegularFile(GOLDEN), "skipped: there is no ../shared/reference/mf-golden.json");
    golden = JsonMapper.builder().build().readTree(GOLDEN.toFile());
  }

  @Test
  void losses_ofHundredSteps_agree() {
    Replay replay = new Replay();
    for (int t = 0; t < 100; t++) {
      assertThat(replay.step())
          .as("loss of step %d", t + 1)
          .isCloseTo(lossOfStep(t), within(TOLERANCE));
    }
  }

  @Test
  void gradients_ofFirstStep_agree() {
    Replay replay = new Replay();
    replay.step();
    JsonNode expected = golden.path("first_gradients");
    int width = replay.state.width;
    requireClose("P", expected.path("P.weight"), replay.block.modelVectorGradient(), width, 1);
    requireClose(
        "W", expected.path("text_proj.weight"), replay.block.projectionGradient(), 1, width);
    requireClose("b", expected.path("text_proj.bias"), replay.block.projectionBiasGradient(), 0, 1);
    requireClose(
        "C", expected.path("classifier.weight"), replay.block.classifierGradient(), width, 1);
  }

  @Test
  void parameters_afterOneTenAndHundredSteps_agree() {
    Replay replay = new Replay();
    for (int t = 1; t <= 100; t++) {
      replay.step();
      JsonNode expected = golden.path("parameters_after").path(Integer.toString(t));
      if (!expected.isMissingNode()) {
        MatrixFactorization fitted = replay.model();
        requireClose(t, "P.weight", expected, fitted.modelVectors());
        requireClose(t, "text_proj.weight", expected, fitted.projection());
        requireClose(t, "text_proj.bias", expected, fitted.projectionBias());
        requireClose(t, "classifier.weight", expected, fitted.classifier());
        requireClose(t, "classifier.bias", expected, fitted.classifierBias());
      }
    }
  }

  @Test
  void scores_afterHundredSteps_agree() {
    Replay replay = new Replay();
    for (int t = 0; t < 100; t++) {
      replay.step();
    }
    FloatMatrix scores = replay.model().forecast(matrix("question_embeddings"));
    JsonNode expected = golden.path("final_scores"); // [m][n]
    for (int i = 0; i < scores.columns(); i++) {
      for (int j = 0; j < scores.rows(); j++) {
        assertThat((double) scores.get(j, i))
            .as("score of model %d on question %d", i, j)
            .isCloseTo(expected.path(i).path(j).asDouble(), within(TOLERANCE));
      }
    }
  }

  private static double lossOfStep(int t) {
    JsonNode step = golden.path("steps").path(t);
    return (step.isObject() ? step.path("loss") : step).asDouble(Double.NaN);
  }

  private static FloatMatrix matrix(String name) {
    return matrix(golden.path(name));
  }

  private static FloatMatrix matrix(JsonNode node) {
    boolean vector = !node.path(0).isArray();
    int rows = vector ? 1 : node.size();
    int columns = vector ? node.size() : node.path(0).size();
    float[] values = new float[rows * columns];
    for (int at = 0; at < values.length; at++) {
      JsonNode row = vector ? node : node.path(at / columns);
      values[at] = (float) row.path(at % columns).asDouble();
    }
    return FloatMatrix.wrap(rows, columns, values);
  }

  private static void requireClose(int t, String name, JsonNode parameters, FloatMatrix actual) {
    FloatMatrix expected = matrix(parameters.path(name));
    assertThat(List.of(actual.rows(), actual.columns()))
        .isEqualTo(List.of(expected.rows(), expected.columns()));
    for (int i = 0; i < expected.rows(); i++) {
      for (int k = 0; k < expected.columns(); k++) {
        assertThat((double) actual.get(i, k))
            .as("%s[%d, %d] after %d steps", name, i, k, t)
            .isCloseTo(expected.get(i, k), within(TOLERANCE));
      }
    }
  }

  private static void requireClose(
      String name, JsonNode node, float[] actual, int rowStride, int columnStride) {
    FloatMatrix expected = matrix(node);
    for (int i = 0; i < expected.rows(); i++) {
      for (int k = 0; k < expected.columns(); k++) {
        assertThat((double) actual[i * rowStride + k * columnStride])
            .as("gradient %s[%d, %d]", name, i, k)
            .isCloseTo(expected.get(i, k), within(TOLERANCE));
      }
    }
  }

  /// The golden run, one step at a time.
  private static final class Replay {
    private final TrainingProblem problem;
    private final TrainingState state;
    private final BlockStep block;
    private final int[] order;
    private int next;

    Replay() {
      FloatMatrix labels = matrix("labels"); // [m, n]
      int m = labels.rows();
      int n = labels.columns();
      float[][] scores = new float[n][m];
      List<Question> questions = new ArrayList<>();
      for (int j = 0; j < n; j++) {
        questions.add(new Question("q" + j, "text " + j, Question.NO_BENCHMARK));
        for (int i = 0; i < m; i++) {
          scores[j][i] = labels.get(i, j);
        }
      }
      List<String> models = IntStream.range(0, m).mapToObj(i -> "model-" + i).toList();
      problem =
          Fixtures.problem(
              CorrectnessMatrix.ofDense(models, questions, scores), matrix("question_embeddings"));
      JsonNode initial = golden.path("initial");
      state =
          TrainingState.of(
              Fixtures.model(
                  matrix(initial.path("P.weight")),
                  matrix(initial.path("text_proj.weight")),
                  matrix(initial.path("text_proj.bias")),
                  matrix(initial.path("classifier.weight")),
                  matrix(initial.path("classifier.bias"))));
      var options =
          TrainingOptions.PUBLISHED
              .withDimension(golden.path("embedding_dim").asInt())
              .withLearningRate(golden.path("learning_rate").asDouble())
              .withWeightDecay(golden.path("weight_decay").asDouble())
              .withBatchQuestions(golden.path("questions_per_step").asInt())
              .withNoise(golden.path("alpha").asDouble());
      block =
          new BlockStep(
              state, problem, options, options.batchQuestions(), Kernels.best(), new Workers(1));
      order = IntStream.range(0, n).toArray();
    }

    MatrixFactorization model() {
      return state.model(problem);
    }

    /// The mean loss of the next step's cells.
    double step() {
      int size = golden.path("questions_per_step").asInt();
      double loss = block.run(order, next, next + size, 0);
      next = (next + size) % order.length;
      return loss / (size * problem.train().modelCount());
    }
  }
}
