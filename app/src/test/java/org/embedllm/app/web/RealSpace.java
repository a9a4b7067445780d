package org.embedllm.app.web;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;
import org.embedllm.routing.ModelPrices;
import org.embedllm.source.DatasetLoader;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Assumptions;

/// Real models and questions, where they lie beside the project. Vectors that know a question's
/// benchmark and little else stand in for an encoder.
final class RealSpace {
  private static final Path DATA = Path.of("../../shared/data");
  private static final int DIMENSION = 24;
  private static final EncoderIdentity ENCODER =
      new EncoderIdentity("benchmarks", "ef".repeat(32), DIMENSION, 0);

  private RealSpace() {}

  /// A third of a data set's training questions, or the test is skipped.
  static ModelSpace of(String name) {
    Path folder = DATA.resolve(name);
    Assumptions.assumeTrue(
        Files.isDirectory(folder), "the folder shared/data beside the project is not here");
    EvaluationData data = DatasetLoader.load(folder).data();
    int[] third =
        IntStream.of(data.split().questions(SplitPart.TRAIN)).filter(j -> j % 3 == 0).toArray();
    CorrectnessMatrix answers = data.matrix().selectQuestions(third);
    var options =
        TrainingOptions.DEFAULT
            .withDimension(12)
            .withEpochs(20)
            .withLearningRate(3e-3)
            .withThreads(1);
    PoolTrainer.Trained trained =
        new PoolTrainer(options, "0.1.0")
            .train(
                new PoolTrainer.Input(
                    answers,
                    data.matrix().selectQuestions(new int[0]),
                    vectors(answers),
                    "12".repeat(32),
                    Map.of(),
                    Map.of()),
                TrainingListener.NONE,
                Optional.empty());
    return new ModelSpace(
        Path.of(name + ".safetensors"),
        trained.artifact(),
        Optional.of(trained.questions()),
        ModelPrices.ofCalls(Map.of()));
  }

  private static QuestionVectors vectors(CorrectnessMatrix answers) {
    SplittableRandom random = new SplittableRandom(3);
    List<String> benchmarks = answers.benchmarks();
    int n = answers.questionCount();
    float[] values = new float[n * DIMENSION];
    for (int j = 0; j < n; j++) {
      int benchmark = benchmarks.indexOf(answers.questions().get(j).benchmark());
      for (int k = 0; k < DIMENSION; k++) {
        values[j * DIMENSION + k] =
            (float) ((k == benchmark ? 1 : 0) + 0.1 * random.nextGaussian());
      }
    }
    return new QuestionVectors(
        answers.questions().stream().map(Question::id).toList(),
        FloatMatrix.wrap(n, DIMENSION, values),
        ENCODER);
  }

  /// Every text is a little of each benchmark.
  static final class EvenEncoder implements QuestionEncoder {
    @Override
    public EncoderIdentity identity() {
      return ENCODER;
    }

    @Override
    public FloatMatrix encode(List<String> texts) {
      float[] values = new float[texts.size() * DIMENSION];
      java.util.Arrays.fill(values, 0.1f);
      return FloatMatrix.wrap(texts.size(), DIMENSION, values);
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
