package org.embedllm.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.embedllm.correctness.AttributeValue;
import org.embedllm.correctness.Attributes;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.linalg.Logistic;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;

/// A made set of answers where the task is not in the words: 71 models, 1,700 questions on 40
/// topics, 12 kinds of tasks drawn apart from the topics. A model is right with `sigmoid(1.6 +
/// ability + difficulty of the task + its skill at the task + its taste for the topic
/// + what the question alone has)`.
final class MadeTasks {
  static final String NAME = "made";
  static final String ENCODER = "made";

  private static final int MODELS = 71;
  private static final int QUESTIONS = 1_700;
  private static final int TASKS = 12;
  private static final int TOPICS = 40;
  private static final int COLUMNS = 64;

  final CorrectnessMatrix matrix;
  final QuestionVectors vectors;

  MadeTasks(long seed) {
    var random = new SplittableRandom(seed);
    double[] ability = gaussians(random, MODELS, 1);
    double[] difficulty = gaussians(random, TASKS, 0.8);
    double[] skill = gaussians(random, TASKS * MODELS, 0.8);
    double[] taste = gaussians(random, TOPICS * MODELS, 0.3);
    double[] centers = gaussians(random, TOPICS * COLUMNS, 1);
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[QUESTIONS][MODELS];
    float[] values = new float[QUESTIONS * COLUMNS];
    for (int j = 0; j < QUESTIONS; j++) {
      int topic = random.nextInt(TOPICS);
      int task = random.nextInt(TASKS);
      questions.add(
          new Question(
              "q" + j,
              text(random, topic),
              Question.NO_BENCHMARK,
              Attributes.of(Map.of("task", new AttributeValue.Text("task " + task)))));
      double square = 0;
      for (int x = 0; x < COLUMNS; x++) {
        double value = centers[topic * COLUMNS + x] + random.nextGaussian();
        values[j * COLUMNS + x] = (float) value;
        square += value * value;
      }
      for (int x = 0; x < COLUMNS; x++) {
        values[j * COLUMNS + x] /= (float) Math.sqrt(square);
      }
      double own = 1.6 + difficulty[task] + random.nextGaussian();
      for (int i = 0; i < MODELS; i++) {
        double logit = own + ability[i] + skill[task * MODELS + i] + taste[topic * MODELS + i];
        scores[j][i] = random.nextDouble() < Logistic.sigmoid(logit) ? 1 : 0;
      }
    }
    List<String> models = new ArrayList<>();
    for (int i = 0; i < MODELS; i++) {
      models.add("model " + i);
    }
    this.matrix = CorrectnessMatrix.ofDense(models, questions, scores);
    this.vectors =
        new QuestionVectors(
            questions.stream().map(Question::id).toList(),
            FloatMatrix.wrap(QUESTIONS, COLUMNS, values),
            new EncoderIdentity(ENCODER, ENCODER, COLUMNS, 0));
  }

  /// Words about a topic, some of them numbers.
  private static String text(SplittableRandom random, int topic) {
    StringBuilder text = new StringBuilder("Call the function for");
    int words = 4 + random.nextInt(20);
    for (int w = 0; w < words; w++) {
      text.append(' ');
      text.append(
          random.nextInt(5) == 0 ? random.nextInt(100) : "word" + (topic + random.nextInt(3)));
    }
    return text.append('.').toString();
  }

  private static double[] gaussians(SplittableRandom random, int count, double spread) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = spread * random.nextGaussian();
    }
    return values;
  }
}
