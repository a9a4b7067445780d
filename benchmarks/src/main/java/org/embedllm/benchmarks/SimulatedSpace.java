package org.embedllm.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.Provenance;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.routing.ModelPrices;
import org.embedllm.tensor.FloatMatrix;

/// The content of a model file with as many simulated models as are asked for. A model's vector is
/// its family's, its ability along the first axis, and something of its own; its answers are drawn
/// from the probabilities that the vector gives.
final class SimulatedSpace {
  private static final int FAMILIES = 12;
  private static final int BENCHMARKS = 14;
  private static final double ABILITY = 1.2;
  private static final double FAMILY = 0.6;
  private static final double OWN = 0.25;

  private SimulatedSpace() {}

  /// @param m models
  /// @param n training questions
  /// @param d dimension of the vectors, which is the questions' too
  static ModelSpace of(int m, int n, int d, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < m; i++) {
      names.add("%c-family-%db-v%d".formatted('a' + i % FAMILIES, 1 + i % 90, i));
    }
    float[] models = models(m, d, random);
    float[] questions = questions(n, d, random);
    EncoderIdentity encoder = new EncoderIdentity("simulated", "ab".repeat(32), d, 0);
    MatrixFactorization factorization =
        new MatrixFactorization(
            names,
            encoder,
            new FeatureMap.Identity(d),
            FloatMatrix.wrap(m, d, models),
            FloatMatrix.wrap(d, d, identity(d)),
            FloatMatrix.wrap(1, d, new float[d]),
            FloatMatrix.wrap(2, d, halves(d)),
            FloatMatrix.wrap(1, 2, new float[2]));
    FloatMatrix vectors = FloatMatrix.wrap(n, d, questions);
    CorrectnessMatrix answers = answers(names, factorization, vectors, random);
    Map<String, Double> costs = new HashMap<>();
    for (int i = 0; i < m; i += 2) {
      costs.put(names.get(i), 0.0001 * (1 + i % 40));
    }
    ModelArtifact artifact =
        new ModelArtifact(
            factorization,
            AnswerCounts.of(answers),
            new Provenance("0.1.0", "cd".repeat(32), Map.of(), seed),
            costs,
            Optional.empty(),
            Map.of(),
            Map.of());
    List<String> ids = answers.questions().stream().map(Question::id).toList();
    return new ModelSpace(
        Path.of("simulated.safetensors"),
        artifact,
        Optional.of(new TrainingQuestions(answers, new QuestionVectors(ids, vectors, encoder))),
        ModelPrices.ofCalls(costs));
  }

  private static float[] models(int m, int d, SplittableRandom random) {
    float[] families = gaussians(FAMILIES * d, FAMILY, random);
    float[] models = gaussians(m * d, OWN, random); // [m, d]
    for (int i = 0; i < m; i++) {
      for (int k = 0; k < d; k++) {
        models[i * d + k] += families[i % FAMILIES * d + k];
      }
      models[i * d] += (float) (ABILITY * random.nextGaussian());
    }
    return models;
  }

  /// [n, d]: a constant along the first axis, the benchmark's taste along the others.
  private static float[] questions(int n, int d, SplittableRandom random) {
    float[] tastes = gaussians(BENCHMARKS * d, 1 / Math.sqrt(d), random);
    float[] questions = gaussians(n * d, 1 / Math.sqrt(d), random);
    for (int j = 0; j < n; j++) {
      for (int k = 0; k < d; k++) {
        questions[j * d + k] += tastes[j % BENCHMARKS * d + k];
      }
      questions[j * d] = 1;
    }
    return questions;
  }

  private static CorrectnessMatrix answers(
      List<String> names,
      MatrixFactorization factorization,
      FloatMatrix vectors,
      SplittableRandom random) {
    int n = vectors.rows();
    FloatMatrix probabilities = factorization.forecast(vectors);
    float[][] scores = new float[n][names.size()]; // [n][m]
    List<Question> questions = new ArrayList<>();
    for (int j = 0; j < n; j++) {
      questions.add(
          new Question("q" + j, "Simulated question " + j, "benchmark " + j % BENCHMARKS));
      for (int i = 0; i < scores[j].length; i++) {
        scores[j][i] = random.nextDouble() < probabilities.get(j, i) ? 1 : 0;
      }
    }
    return CorrectnessMatrix.ofDense(names, questions, scores);
  }

  private static float[] gaussians(int count, double deviation, SplittableRandom random) {
    float[] values = new float[count];
    for (int at = 0; at < count; at++) {
      values[at] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  private static float[] identity(int d) {
    float[] values = new float[d * d];
    for (int k = 0; k < d; k++) {
      values[k * d + k] = 1;
    }
    return values;
  }

  /// C with C_1 − C_0 = 1.
  private static float[] halves(int d) {
    float[] values = new float[2 * d];
    for (int k = 0; k < d; k++) {
      values[k] = -0.5f;
      values[d + k] = 0.5f;
    }
    return values;
  }
}
