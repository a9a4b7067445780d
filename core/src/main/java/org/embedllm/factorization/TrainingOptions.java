package org.embedllm.factorization;

import java.util.Objects;

/// How a factorization is trained.
///
/// @param dimension d, length of a model's vector, 1 to 16,384
/// @param epochs passes over the training questions, at least 1
/// @param learningRate of Adam, positive
/// @param batchQuestions questions a step, with all their observed cells; [#AUTOMATIC] takes the
///   number whose cells come closest to the published 2,048
/// @param noise standard deviation of the Gaussian noise added to every coordinate of a question
///   vector, drawn again for each question and epoch; 0 for none
/// @param weightDecay λ, `λ θ` is added to the gradient of every parameter θ; not negative
/// @param order in which an epoch goes through the questions
/// @param seed of the start, the noise and the order; the same seed gives the same bytes
/// @param threads that share a step, 1 to 1,024; has no influence on the result
public record TrainingOptions(
    int dimension,
    int epochs,
    double learningRate,
    int batchQuestions,
    double noise,
    double weightDecay,
    TrainingOrder order,
    long seed,
    int threads) {
  /// The value of [#batchQuestions] for as many questions as have about 2,048 cells.
  public static final int AUTOMATIC = 0;

  private static final int PUBLISHED_CELLS = 2_048;

  /// The paper's settings, with those that only its code states.
  public static final TrainingOptions PUBLISHED =
      new TrainingOptions(
          232, 50, 1e-4, AUTOMATIC, 0.05, 1e-5, TrainingOrder.FILE, 0, processors());

  /// The best settings known: steps of 128 questions at a higher learning rate reach the training
  /// loss of the published steps within 5e-4 in a seventh of them, and shuffling helps with a file
  /// that is sorted by benchmark.
  public static final TrainingOptions DEFAULT =
      PUBLISHED.withLearningRate(5e-4).withBatchQuestions(128).withOrder(TrainingOrder.SHUFFLED);

  /// @throws IllegalArgumentException when a value is out of its range
  public TrainingOptions {
    Objects.requireNonNull(order, "order");
    require(dimension >= 1 && dimension <= 16_384, "dimension", "from 1 to 16384", dimension);
    require(epochs >= 1 && epochs <= 1_000_000, "epochs", "from 1 to 1000000", epochs);
    require(
        learningRate > 0 && learningRate <= 10,
        "learning rate",
        "above 0 and at most 10",
        learningRate);
    require(
        batchQuestions >= 0 && batchQuestions <= 1_000_000,
        "batch questions",
        "from 1 to 1000000, or 0 for automatic",
        batchQuestions);
    require(noise >= 0 && noise <= 100, "noise", "from 0 to 100", noise);
    require(weightDecay >= 0 && weightDecay <= 100, "weight decay", "from 0 to 100", weightDecay);
    require(threads >= 1 && threads <= 1_024, "threads", "from 1 to 1024", threads);
  }

  private static void require(boolean condition, String name, String rule, Object got) {
    if (!condition) {
      throw new IllegalArgumentException("%s must be %s; got %s".formatted(name, rule, got));
    }
  }

  private static int processors() {
    return Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 1_024);
  }

  /// Questions a step on a given training set: [#batchQuestions], or where that is automatic
  /// `round(2048 / mean answers per question)`, between 1 and the number of questions.
  ///
  /// @param questions n, at least 1
  /// @param cells observed cells
  public int questionsPerStep(int questions, long cells) {
    if (batchQuestions != AUTOMATIC) {
      return Math.min(batchQuestions, questions);
    }
    double perQuestion = Math.max(1, cells) / (double) questions;
    return Math.clamp(Math.round(PUBLISHED_CELLS / perQuestion), 1, questions);
  }

  public TrainingOptions withDimension(int value) {
    return new TrainingOptions(
        value, epochs, learningRate, batchQuestions, noise, weightDecay, order, seed, threads);
  }

  public TrainingOptions withEpochs(int value) {
    return new TrainingOptions(
        dimension, value, learningRate, batchQuestions, noise, weightDecay, order, seed, threads);
  }

  public TrainingOptions withLearningRate(double value) {
    return new TrainingOptions(
        dimension, epochs, value, batchQuestions, noise, weightDecay, order, seed, threads);
  }

  public TrainingOptions withBatchQuestions(int value) {
    return new TrainingOptions(
        dimension, epochs, learningRate, value, noise, weightDecay, order, seed, threads);
  }

  public TrainingOptions withNoise(double value) {
    return new TrainingOptions(
        dimension, epochs, learningRate, batchQuestions, value, weightDecay, order, seed, threads);
  }

  public TrainingOptions withWeightDecay(double value) {
    return new TrainingOptions(
        dimension, epochs, learningRate, batchQuestions, noise, value, order, seed, threads);
  }

  public TrainingOptions withOrder(TrainingOrder value) {
    return new TrainingOptions(
        dimension, epochs, learningRate, batchQuestions, noise, weightDecay, value, seed, threads);
  }

  public TrainingOptions withSeed(long value) {
    return new TrainingOptions(
        dimension, epochs, learningRate, batchQuestions, noise, weightDecay, order, value, threads);
  }

  public TrainingOptions withThreads(int value) {
    return new TrainingOptions(
        dimension, epochs, learningRate, batchQuestions, noise, weightDecay, order, seed, value);
  }
}
