package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;

/// A pool invented for tests: 24 models of rising ability, three benchmarks whose questions lie in
/// three directions, and two models that answer alike.
final class InventedPool {
  static final int MODELS = 24;
  private static final int QUESTIONS = 540;
  private static final int DIMENSION = 8;

  private InventedPool() {}

  static EvaluationData data() {
    SplittableRandom random = new SplittableRandom(1);
    List<Question> questions = new ArrayList<>();
    List<SplitPart> parts = new ArrayList<>();
    float[][] scores = new float[QUESTIONS][MODELS];
    for (int j = 0; j < QUESTIONS; j++) {
      questions.add(new Question("q" + j, "question " + j, List.of("a", "b", "c").get(j % 3)));
      int tenth = Math.floorDiv(j, 3) % 10;
      parts.add(tenth < 8 ? SplitPart.TRAIN : tenth < 9 ? SplitPart.VALIDATION : SplitPart.TEST);
      for (int i = 0; i < MODELS; i++) {
        double ability = (i + 1.0) / (MODELS + 1) + 0.15 * ((i + j) % 3 - 1);
        scores[j][i] = random.nextDouble() < ability ? 1 : 0;
      }
      scores[j][1] = scores[j][0];
      if (j % 17 == 0) {
        scores[j][5] = Float.NaN;
      }
    }
    List<String> names =
        IntStream.range(0, MODELS)
            .mapToObj(i -> "family%d-%s".formatted(i, i % 2 == 0 ? "7b" : "13b"))
            .toList();
    return EvaluationData.of(
        CorrectnessMatrix.ofDense(names, questions, scores), QuestionSplit.of(parts), Map.of());
  }

  static QuestionVectors vectors(EvaluationData data) {
    SplittableRandom random = new SplittableRandom(2);
    int n = data.matrix().questionCount();
    float[] values = new float[n * DIMENSION];
    for (int j = 0; j < n; j++) {
      for (int k = 0; k < DIMENSION; k++) {
        double center = k == j % 3 ? 1 : 0;
        values[j * DIMENSION + k] = (float) (center + 0.3 * random.nextGaussian());
      }
    }
    return new QuestionVectors(
        data.matrix().questions().stream().map(Question::id).toList(),
        FloatMatrix.wrap(n, DIMENSION, values),
        new EncoderIdentity("invented", "0", DIMENSION, 0));
  }
}
