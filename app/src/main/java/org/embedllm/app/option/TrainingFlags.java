package org.embedllm.app.option;

import java.util.Optional;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.onnx.Encoders;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The settings of a training on the command line, shared by `train` and `tune`.
public final class TrainingFlags {
  @Option(
      names = "--published",
      description = "The paper's settings instead of the best known ones.")
  private boolean published;

  @Option(
      names = "--dimension",
      paramLabel = "D",
      description = "Length d of a model's vector. Default: 232.")
  private @Nullable Integer dimension;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Passes over the questions. Default: 50.")
  private @Nullable Integer epochs;

  @Option(
      names = "--learning-rate",
      paramLabel = "RATE",
      description = "Step size of Adam. Default: 0.0005; 0.0001 with --published.")
  private @Nullable Double learningRate;

  @Option(
      names = "--batch-questions",
      paramLabel = "N",
      description =
          "Questions a step. Default: 128; with --published as many as have about 2048 answers.")
  private @Nullable Integer batchQuestions;

  @Option(
      names = "--noise",
      paramLabel = "SIGMA",
      description = "Standard deviation of the noise on question vectors. Default: 0.05.")
  private @Nullable Double noise;

  @Option(
      names = "--weight-decay",
      paramLabel = "LAMBDA",
      description = "L2 in the gradient. Default: 0.00001.")
  private @Nullable Double weightDecay;

  @Option(
      names = "--encoder",
      paramLabel = "ID",
      description =
          "Encoder of the question vectors. Default: the one with stored vectors, otherwise "
              + Encoders.DEFAULT
              + ".")
  private @Nullable String encoder;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of all random numbers; same seed, same bytes. Default: 0.")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads; they do not change the result. Default: all processors.")
  private @Nullable Integer threads;

  @Option(
      names = "--attributes-known",
      paramLabel = "SHARE",
      description =
          "How often the attributes of a prompt will be known in use, 0 to 1."
              + " Default: 1, known wherever the data set knows them.")
  private double attributesKnown = 1;

  @Option(names = "--no-attributes", description = "Leave the attributes of the questions out.")
  private boolean withoutAttributes;

  /// Whether to train a kernel factorization: unless the paper's settings or an option of the
  /// linear factorization are given.
  public boolean kernel() {
    return !published
        && dimension == null
        && epochs == null
        && learningRate == null
        && batchQuestions == null
        && noise == null
        && weightDecay == null;
  }

  /// Options of the kernel factorization.
  public KernelOptions kernelOptions() {
    KernelOptions options =
        KernelOptions.DEFAULT
            .withSeed(seed)
            .withAttributesKnown(withoutAttributes ? 0 : attributesKnown);
    return threads == null ? options : options.withThreads(threads);
  }

  /// The named encoder.
  public Optional<String> encoder() {
    return Optional.ofNullable(encoder);
  }

  public long seed() {
    return seed;
  }

  /// @throws IllegalArgumentException when a value is out of its range
  public TrainingOptions options() {
    TrainingOptions options =
        (published ? TrainingOptions.PUBLISHED : TrainingOptions.DEFAULT).withSeed(seed);
    if (dimension != null) {
      options = options.withDimension(dimension);
    }
    if (epochs != null) {
      options = options.withEpochs(epochs);
    }
    if (learningRate != null) {
      options = options.withLearningRate(learningRate);
    }
    if (batchQuestions != null) {
      options = options.withBatchQuestions(batchQuestions);
    }
    if (noise != null) {
      options = options.withNoise(noise);
    }
    if (weightDecay != null) {
      options = options.withWeightDecay(weightDecay);
    }
    return threads == null ? options : options.withThreads(threads);
  }
}
