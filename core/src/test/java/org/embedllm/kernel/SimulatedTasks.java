package org.embedllm.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.embedllm.correctness.AttributeValue;
import org.embedllm.correctness.Attributes;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.tensor.FloatMatrix;

/// Exam questions on a few topics, whose vectors show the topic, and with an attribute, the task,
/// that no word shows. Models differ by both.
public final class SimulatedTasks {
  public static final int TASKS = 4;

  public final CorrectnessMatrix matrix;
  public final QuestionVectors sentences;
  public final QuestionVectors vectors;

  public SimulatedTasks(int m, int n, long seed) {
    var random = new SplittableRandom(seed);
    int q = 6;
    double[] ability = new double[m];
    double[][] skill = new double[TASKS][m];
    double[][] taste = new double[q][m];
    for (int i = 0; i < m; i++) {
      ability[i] = random.nextGaussian();
      for (int t = 0; t < TASKS; t++) {
        skill[t][i] = 1.2 * random.nextGaussian();
      }
      for (int x = 0; x < q; x++) {
        taste[x][i] = 0.6 * random.nextGaussian();
      }
    }
    List<Question> questions = new ArrayList<>();
    List<String> models = new ArrayList<>();
    for (int i = 0; i < m; i++) {
      models.add("model " + i);
    }
    float[][] scores = new float[n][m];
    float[] values = new float[n * q];
    for (int j = 0; j < n; j++) {
      int topic = random.nextInt(q);
      int task = random.nextInt(TASKS);
      double square = 0;
      for (int x = 0; x < q; x++) {
        double value = (x == topic ? 2 : 0) + 0.5 * random.nextGaussian();
        values[j * q + x] = (float) value;
        square += value * value;
      }
      for (int x = 0; x < q; x++) {
        values[j * q + x] /= (float) Math.sqrt(square);
      }
      questions.add(
          new Question(
              "q" + j,
              "What is item %d of topic %d?\nA. one\nB. two".formatted(j, topic),
              Question.NO_BENCHMARK,
              Attributes.of(Map.of("task", new AttributeValue.Text("task " + task)))));
      for (int i = 0; i < m; i++) {
        double logit = ability[i] + skill[task][i] + taste[topic][i];
        scores[j][i] = random.nextDouble() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
      }
    }
    matrix = CorrectnessMatrix.ofDense(models, questions, scores);
    sentences =
        new QuestionVectors(
            questions.stream().map(Question::id).toList(),
            FloatMatrix.wrap(n, q, values),
            new EncoderIdentity("simulated", "00", q, 0));
    vectors = TextFeatureVectors.append(sentences, questions);
  }

  public TrainingProblem problem(int train, int validation) {
    return TrainingProblem.of(questions(0, train), vectors)
        .withValidation(questions(train, train + validation), vectors);
  }

  public CorrectnessMatrix questions(int from, int to) {
    return matrix.selectQuestions(SimulatedPool.range(from, to));
  }
}
