package org.embedllm.spark;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.embedllm.artifact.PoolPlacement;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.artifact.Trainers;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.storage.Sha256;

/// Trains the default forecaster where models are many.
///
/// What all models share (landmarks, regressions, difficulties, the prior) is fitted on the driver
/// to a sample of the models: all, or so many drawn by the hash of their names. The vectors of the
/// others are a map over models: each solves the problem that its vector would solve in a training
/// with it. With all models in the sample the result has the bits of one machine; the number of
/// partitions never has an influence.
public final class EmbedLlmTraining {
  /// Models of the sample, unless asked for otherwise: the fit takes their square in memory.
  public static final int SAMPLE_MODELS = 1_000;

  private EmbedLlmTraining() {}

  /// Trains.
  ///
  /// @param input training and validation answers of all models
  /// @param options of the kernel factorization
  /// @param sampleModels that the shared parts are fitted to, at most
  /// @param partitions that the other models are spread over
  /// @param programVersion kept in the provenance
  public static PoolTrainer.Trained train(
      SparkSession spark,
      PoolTrainer.Input input,
      KernelOptions options,
      int sampleModels,
      int partitions,
      String programVersion)
      throws IOException {
    List<String> all = input.train().models();
    int[] sample = sample(all, sampleModels, options.seed());
    PoolTrainer trainer = new PoolTrainer(Trainers.of(options, List.of()), programVersion);
    if (sample.length == all.size()) {
      return trainer.train(input, TrainingListener.NONE);
    }
    PoolTrainer.Trained fitted =
        trainer.train(
            new PoolTrainer.Input(
                input.train().selectModels(sample),
                input.validation().selectModels(sample),
                input.vectors(),
                input.dataDigest(),
                selection(input.selection(), sample.length),
                input.callCosts()),
            TrainingListener.NONE);
    CorrectnessMatrix others = input.train().selectModels(others(sample, all.size()));
    Dataset<Row> placed =
        EmbedLlmAddition.place(
                spark, others, PoolPlacement.of(fitted.artifact(), fitted.questions()), partitions)
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      return EmbedLlmAddition.intoModelFile(placed, fitted.artifact(), fitted.questions());
    } finally {
      placed.unpersist();
    }
  }

  /// The models of the sample, in the order of the pool: those with the smallest hashes.
  private static int[] sample(List<String> models, int most, long seed) {
    if (models.size() <= most) {
      return IntStream.range(0, models.size()).toArray();
    }
    return IntStream.range(0, models.size())
        .boxed()
        .sorted(Comparator.comparing(i -> Sha256.of(seed + ":" + models.get(i))))
        .limit(most)
        .mapToInt(Integer::intValue)
        .sorted()
        .toArray();
  }

  private static int[] others(int[] sample, int models) {
    boolean[] inSample = new boolean[models];
    for (int model : sample) {
      inSample[model] = true;
    }
    return IntStream.range(0, models).filter(i -> !inSample[i]).toArray();
  }

  private static Map<String, String> selection(Map<String, String> given, int sample) {
    Map<String, String> more = new TreeMap<>(given);
    more.put("sample-models", Integer.toString(sample));
    return more;
  }
}
