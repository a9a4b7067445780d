package org.embedllm.app.web;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.app.CommandRun;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.VectorStore;
import org.embedllm.routing.ModelPrices;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Assumptions;

/// Real models and questions, where they lie beside the project, with invented prices. Vectors that
/// know a question's benchmark and little else stand in for an encoder.
///
/// @param space trained on a third of the training questions
/// @param dataset all of it, with vectors
/// @param encoder that of the vectors
record RealSpace(ModelSpace space, Path dataset, QuestionEncoder encoder) {
  private static final Path DATA = Path.of("../../shared/data");
  private static final int DIMENSION = 24;
  private static final EncoderIdentity ENCODER =
      new EncoderIdentity("benchmarks", "ef".repeat(32), DIMENSION, 0);

  /// A data set of that name, or the test is skipped.
  ///
  /// @param folder an empty folder
  static RealSpace of(String name, Path folder) throws IOException {
    Path source = DATA.resolve(name);
    Assumptions.assumeTrue(
        Files.isDirectory(source), "the folder shared/data beside the project is not here");
    Path dataset = folder.resolve(name);
    CommandRun.of("import", source, "--to", dataset, "--json").json();
    EvaluationData data = DatasetLoader.load(dataset).data();
    List<Question> questions = data.matrix().questions();
    BenchmarkEncoder encoder = new BenchmarkEncoder(questions);
    QuestionVectors vectors =
        VectorStore.ofDataset(dataset).encode(questions, encoder, _ -> {}).vectors();
    int[] third =
        IntStream.of(data.split().questions(SplitPart.TRAIN)).filter(j -> j % 3 == 0).toArray();
    PoolTrainer.Trained trained =
        trained(data.matrix().selectQuestions(third), vectors.select(third));
    Map<String, Double> costs = new HashMap<>();
    for (String model : data.matrix().models()) {
      costs.put(model, 0.0001 * (1 + costs.size() % 20));
    }
    ModelSpace space =
        new ModelSpace(
            Path.of(name + ".safetensors"),
            trained.artifact(),
            Optional.of(trained.questions()),
            ModelPrices.ofCalls(costs));
    return new RealSpace(space, dataset, encoder);
  }

  private static PoolTrainer.Trained trained(CorrectnessMatrix answers, QuestionVectors vectors) {
    var options =
        TrainingOptions.DEFAULT
            .withDimension(12)
            .withEpochs(20)
            .withLearningRate(3e-3)
            .withThreads(1);
    return new PoolTrainer(new MatrixFactorizationTrainer(options), "0.1.0")
        .train(
            new PoolTrainer.Input(
                answers,
                answers.selectQuestions(new int[0]),
                vectors,
                "12".repeat(32),
                Map.of(),
                Map.of()),
            TrainingListener.NONE);
  }

  /// The benchmark of a text it knows, and some noise; of any other text a little of each.
  private static final class BenchmarkEncoder implements QuestionEncoder {
    private final Map<String, String> benchmarkOf = new HashMap<>();
    private final List<String> benchmarks;

    BenchmarkEncoder(List<Question> questions) {
      questions.forEach(q -> benchmarkOf.put(q.text(), q.benchmark()));
      this.benchmarks = benchmarkOf.values().stream().distinct().sorted().toList();
    }

    @Override
    public EncoderIdentity identity() {
      return ENCODER;
    }

    @Override
    public FloatMatrix encode(List<String> texts) {
      float[] values = new float[texts.size() * DIMENSION];
      for (int j = 0; j < texts.size(); j++) {
        String text = texts.get(j);
        SplittableRandom random = new SplittableRandom(text.hashCode());
        int benchmark = benchmarks.indexOf(benchmarkOf.getOrDefault(text, ""));
        for (int k = 0; k < DIMENSION; k++) {
          values[j * DIMENSION + k] =
              (float) ((k == benchmark ? 1 : 0.1) + 0.1 * random.nextGaussian());
        }
      }
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
