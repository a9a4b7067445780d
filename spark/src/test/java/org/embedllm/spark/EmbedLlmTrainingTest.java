package org.embedllm.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.forecast.Forecast;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.storage.Sha256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbedLlmTrainingTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final KernelOptions OPTIONS =
      KernelOptions.DEFAULT.withDimensions(List.of(2)).withLandmarks(32);

  @TempDir private Path folder;

  @Test
  void train_allModelsInTheSample_writesTheFileOfOneMachine() throws IOException {
    PoolTrainer.Input input = input(6);
    Path expected = folder.resolve("expected.safetensors");
    new PoolTrainer(new KernelFactorizationTrainer(OPTIONS), "test")
        .train(input, TrainingListener.NONE)
        .write(expected, true);
    assertThat(trained(input, 6, 2)).isEqualTo(Sha256.of(expected));
  }

  @Test
  void train_aSample_doesNotDependOnPartitions() throws IOException {
    PoolTrainer.Input input = input(60);
    String one = trained(input, 20, 1);
    assertThat(trained(input, 20, 4)).isEqualTo(one);
    assertThat(trained(input, 20, 16)).isEqualTo(one);
  }

  /// The models outside of the sample are forecast about as in a training with all.
  @Test
  void train_aSample_forecastsLikeATrainingWithAllModels() throws IOException {
    PoolTrainer.Input input = input(60);
    PoolTrainer.Trained all = EmbedLlmTraining.train(SPARK, input, OPTIONS, 60, 2, "test");
    PoolTrainer.Trained sampled = EmbedLlmTraining.train(SPARK, input, OPTIONS, 20, 2, "test");
    assertThat(sampled.artifact().factorization().models())
        .containsExactlyInAnyOrderElementsOf(input.train().models());
    double difference = 0;
    for (int j = 0; j < 20; j++) {
      float[] vector = input.vectors().vectors().row(j);
      Map<String, Double> expected = probabilities(all, vector);
      Map<String, Double> got = probabilities(sampled, vector);
      for (var model : expected.entrySet()) {
        double other = got.getOrDefault(model.getKey(), Double.NaN);
        difference += Math.abs(model.getValue() - other) / (20 * expected.size());
      }
    }
    assertThat(difference).isLessThan(0.03);
  }

  private static Map<String, Double> probabilities(PoolTrainer.Trained pool, float[] vector) {
    return pool.artifact().forecaster().forecast(vector).models().stream()
        .collect(
            java.util.stream.Collectors.toMap(
                Forecast.ModelForecast::model, Forecast.ModelForecast::probability));
  }

  private String trained(PoolTrainer.Input input, int sample, int partitions) throws IOException {
    Path file = folder.resolve(sample + "-" + partitions + ".safetensors");
    EmbedLlmTraining.train(SPARK, input, OPTIONS, sample, partitions, "test").write(file, true);
    return Sha256.of(file);
  }

  private static PoolTrainer.Input input(int models) {
    CorrectnessMatrix matrix = SmallPool.answers("model", models, 5, 0.1);
    return new PoolTrainer.Input(
        matrix,
        matrix.selectQuestions(new int[0]),
        SmallPool.vectors(matrix),
        "00",
        Map.of(),
        Map.of());
  }
}
