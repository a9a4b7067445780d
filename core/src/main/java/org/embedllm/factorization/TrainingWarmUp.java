package org.embedllm.factorization;

import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.tensor.FloatMatrix;

/// Lets the just-in-time compiler see a training before it is needed. The first steps in a JVM are
/// interpreted and take several times as long as the later ones; here they are those of a small
/// made-up problem, on a thread of its own, while data are read.
public final class TrainingWarmUp {
  private static final int QUESTIONS = 640;
  private static final int MODELS = 32;
  private static final int Q = 192;
  private static final int EPOCHS = 150;

  private TrainingWarmUp() {}

  /// Starts it and returns at once. It takes about a second, and ends with the program.
  public static void start() {
    Thread.ofPlatform().daemon().name("embedllm-warm-up").start(TrainingWarmUp::run);
  }

  private static void run() {
    TrainingOptions options =
        TrainingOptions.DEFAULT.withEpochs(EPOCHS).withBatchQuestions(128).withThreads(1);
    new MatrixFactorizationTrainer(options).fit(problem());
  }

  private static TrainingProblem problem() {
    var random = new SplittableRandom(1);
    float[] vectors = new float[QUESTIONS * Q];
    for (int at = 0; at < vectors.length; at++) {
      vectors[at] = (float) random.nextDouble(-0.1, 0.1);
    }
    float[][] scores = new float[QUESTIONS][MODELS];
    for (float[] row : scores) {
      for (int i = 0; i < MODELS; i++) {
        row[i] = random.nextInt(2);
      }
    }
    return new TrainingProblem(
        new EncoderIdentity("warm-up", "", Q, 0),
        CorrectnessMatrix.ofDense(
            IntStream.range(0, MODELS).mapToObj(i -> "model-" + i).toList(),
            IntStream.range(0, QUESTIONS).mapToObj(j -> new Question("q" + j, "", "")).toList(),
            scores),
        FloatMatrix.wrap(QUESTIONS, Q, vectors),
        Optional.empty());
  }
}
