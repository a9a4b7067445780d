package org.embedllm.app.web;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.Provenance;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;
import org.embedllm.routing.ModelPrices;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.votes.VoteLikelihood;
import org.embedllm.votes.VoteNotes;
import org.embedllm.votes.VotePrior;

/// A model file's content invented for the page: models that are good at one of six benchmarks, as
/// many as are asked for, and an encoder that reads nothing but the benchmark's word in a prompt.
final class InventedSpace {
  static final List<String> BENCHMARKS =
      List.of("arithmetic", "chemistry", "geography", "history", "law", "logic");

  /// Names that would do harm where a page reads them as markup, or breaks on them.
  static final List<String> ODD_NAMES =
      List.of(
          "<img src=x onerror=\"document.title='harmed'\">",
          "\"><script>document.title='harmed'</script>",
          "نموذج \"عربي\" ١",
          "🦙 llama & 'friends' <b>",
          "x".repeat(300),
          "line\nbreak\ttab",
          "a%2Cb,c&select=1#/live?x=y",
          "constructor");

  private static final int QUESTIONS = 120;
  private static final EncoderIdentity ENCODER =
      new EncoderIdentity("invented", "ab".repeat(32), BENCHMARKS.size(), 0);

  private InventedSpace() {}

  /// `count` models of eleven families.
  static ModelSpace of(int count) {
    return of(
        IntStream.range(0, count)
            .mapToObj(i -> "fam%c-%db-v%d".formatted('a' + i % 11, 1 + i % 70, i))
            .toList());
  }

  static ModelSpace of(List<String> names) {
    return of(names, Map.of(), Map.of());
  }

  /// `count` models that learned from votes alone, and can learn more.
  static ModelSpace ofVotes(int count) {
    var prior = Optional.of(new VotePrior(1, 1));
    int d = BENCHMARKS.size();
    float[] covariances = new float[count * d * d];
    for (int i = 0; i < count; i++) {
      System.arraycopy(identity(d), 0, covariances, i * d * d, d * d);
    }
    return of(
        of(count).models(),
        Map.of(KernelTraining.COVARIANCES, FloatMatrix.wrap(count, d * d, covariances)),
        new VoteNotes(new VoteLikelihood(1, 0, 0), prior).notes());
  }

  private static ModelSpace of(
      List<String> names, Map<String, FloatMatrix> tensors, Map<String, String> notes) {
    SplittableRandom random = new SplittableRandom(5);
    CorrectnessMatrix answers = answers(names, random);
    int m = names.size();
    int d = BENCHMARKS.size();
    float[] points = new float[m * d];
    for (int i = 0; i < m; i++) {
      for (int k = 0; k < d; k++) {
        points[i * d + k] = (float) (skill(i, k) * 4 - 2 + 0.3 * random.nextGaussian());
      }
    }
    var factorization =
        new MatrixFactorization(
            names,
            ENCODER,
            new FeatureMap.Identity(d),
            FloatMatrix.wrap(m, d, points),
            FloatMatrix.wrap(d, d, identity(d)),
            FloatMatrix.wrap(1, d, new float[d]),
            FloatMatrix.wrap(2, d, halves(d)),
            FloatMatrix.wrap(1, 2, new float[2]));
    Map<String, Double> costs = new HashMap<>();
    for (int i = 0; i < m; i += 2) {
      costs.put(names.get(i), 0.0001 * (1 + i % 40));
    }
    var artifact =
        new ModelArtifact(
            factorization,
            AnswerCounts.of(answers),
            new Provenance("0.1.0", "cd".repeat(32), Map.of(), 1),
            costs,
            Optional.empty(),
            tensors,
            notes);
    return new ModelSpace(
        Path.of("invented.safetensors"),
        artifact,
        Optional.of(new TrainingQuestions(answers, vectors(answers))),
        ModelPrices.ofCalls(costs));
  }

  /// Model i is good at benchmark i mod 6, and better in general the smaller its number in its
  /// group.
  private static double skill(int model, int benchmark) {
    double general = 0.25 + 0.4 * ((model * 37) % 101) / 101.0;
    return Math.min(0.97, general + (model % BENCHMARKS.size() == benchmark ? 0.3 : 0));
  }

  private static CorrectnessMatrix answers(List<String> names, SplittableRandom random) {
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[QUESTIONS][names.size()];
    for (int j = 0; j < QUESTIONS; j++) {
      int benchmark = j % BENCHMARKS.size();
      questions.add(
          new Question(
              "q" + j,
              "A question of %s, number %d: <script>document.title='harmed'</script> what follows?\nA. this\nB. that"
                  .formatted(BENCHMARKS.get(benchmark), j),
              BENCHMARKS.get(benchmark)));
      for (int i = 0; i < names.size(); i++) {
        scores[j][i] = random.nextDouble() < skill(i, benchmark) ? 1 : 0;
        if (random.nextInt(20) == 0) {
          scores[j][i] = Float.NaN;
        }
      }
    }
    return CorrectnessMatrix.ofDense(names, questions, scores);
  }

  private static QuestionVectors vectors(CorrectnessMatrix answers) {
    List<String> texts = answers.questions().stream().map(Question::text).toList();
    return new QuestionVectors(
        answers.questions().stream().map(Question::id).toList(),
        new WordEncoder().encode(texts),
        ENCODER);
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

  /// The benchmark named in a text, else a little of each.
  static final class WordEncoder implements QuestionEncoder {
    @Override
    public EncoderIdentity identity() {
      return ENCODER;
    }

    @Override
    public FloatMatrix encode(List<String> texts) {
      int d = BENCHMARKS.size();
      float[] values = new float[texts.size() * d];
      for (int j = 0; j < texts.size(); j++) {
        for (int k = 0; k < d; k++) {
          values[j * d + k] = texts.get(j).contains(BENCHMARKS.get(k)) ? 1 : 0.01f * (k + 1);
        }
      }
      return FloatMatrix.wrap(texts.size(), d, values);
    }

    @Override
    public int tokenCount(String text) {
      return text.length() / 4;
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }
}
