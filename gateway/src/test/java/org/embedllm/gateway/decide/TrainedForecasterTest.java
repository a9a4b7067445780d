package org.embedllm.gateway.decide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.forecast.Forecast;
import org.embedllm.gateway.TestArtifacts;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.votes.VoteLikelihood;
import org.embedllm.votes.VoteNotes;
import org.embedllm.votes.VotePrior;
import org.junit.jupiter.api.Test;

class TrainedForecasterTest {
  private static final EncoderIdentity IDENTITY = new EncoderIdentity("two", "00", 2, 0);

  /// The vector of a text is its length and 1; encoding waits for a gate.
  private static class GatedEncoder implements QuestionEncoder {
    private final CountDownLatch gate;
    final AtomicInteger calls = new AtomicInteger();
    final CountDownLatch entered = new CountDownLatch(1);

    GatedEncoder(CountDownLatch gate) {
      this.gate = gate;
    }

    @Override
    public EncoderIdentity identity() {
      return IDENTITY;
    }

    @Override
    public FloatMatrix encode(List<String> texts) {
      calls.incrementAndGet();
      entered.countDown();
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      float[] vectors = new float[2 * texts.size()];
      for (int i = 0; i < texts.size(); i++) {
        vectors[2 * i] = texts.get(i).length();
        vectors[2 * i + 1] = 1;
      }
      return FloatMatrix.wrap(texts.size(), 2, vectors);
    }

    @Override
    public int tokenCount(String text) {
      return text.length();
    }

    @Override
    public void close() {
      gate.countDown();
    }
  }

  private static ModelArtifact artifact(Map<String, FloatMatrix> tensors) {
    var factorization =
        new MatrixFactorization(
            List.of("a", "b"),
            IDENTITY,
            new FeatureMap.Identity(2),
            FloatMatrix.wrap(2, 2, new float[] {0.1f, 0.2f, 0.2f, -0.1f}),
            FloatMatrix.wrap(2, 2, new float[] {0.1f, 0, 0, 1}),
            FloatMatrix.wrap(1, 2, new float[2]),
            FloatMatrix.wrap(2, 2, new float[] {0, 0, 1, 1}),
            FloatMatrix.wrap(1, 2, new float[2]));
    return TestArtifacts.of(factorization, tensors);
  }

  private static double probability(Forecast forecast, String model) {
    return forecast.models().stream()
        .filter(f -> f.model().equals(model))
        .findFirst()
        .orElseThrow()
        .probability();
  }

  @Test
  void sameText_manyTimes_isEncodedOnce() {
    var encoder = new GatedEncoder(new CountDownLatch(0));
    try (var forecaster =
        new TrainedForecaster(artifact(Map.of()), encoder, Optional.empty(), 1, 4, 100)) {
      Forecast first = forecaster.forecast("hello");
      for (int i = 0; i < 10; i++) {
        assertThat(forecaster.forecast("hello")).isEqualTo(first);
      }
      assertThat(encoder.calls).hasValue(1);
      assertThat(forecaster.models()).containsExactlyInAnyOrder("a", "b");
      assertThat(forecaster.learn("hello", "a", 1)).isFalse();
    }
  }

  @Test
  void manyTexts_moreThanMayWait_areShed() throws Exception {
    var gate = new CountDownLatch(1);
    var encoder = new GatedEncoder(gate);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        var forecaster =
            new TrainedForecaster(artifact(Map.of()), encoder, Optional.empty(), 1, 1, 100)) {
      CompletableFuture<Forecast> first =
          CompletableFuture.supplyAsync(() -> forecaster.forecast("one"), threads);
      encoder.entered.await();
      // There is space for one of these two.
      List<CompletableFuture<Forecast>> two =
          List.of(
              CompletableFuture.supplyAsync(() -> forecaster.forecast("three"), threads),
              CompletableFuture.supplyAsync(() -> forecaster.forecast("another"), threads));
      assertThat(CompletableFuture.anyOf(two.toArray(CompletableFuture[]::new)))
          .failsWithin(Duration.ofMinutes(1))
          .withThrowableThat()
          .withCauseInstanceOf(DecisionException.class);
      assertThatThrownBy(() -> forecaster.forecast("again and again and again"))
          .isInstanceOf(DecisionException.class)
          .hasMessageContaining("wait to be encoded");
      gate.countDown();
      assertThat(first.join().models()).hasSize(2);
      assertThat(two.stream().map(f -> f.handle((forecast, e) -> e == null).join()))
          .containsExactlyInAnyOrder(true, false);
      // A failure is not remembered.
      assertThat(forecaster.forecast("three").models()).hasSize(2);
      assertThat(forecaster.forecast("another").models()).hasSize(2);
    }
  }

  @Test
  void encode_manyTexts_goesAFewAtATimeAndKeepsTheirOrder() {
    var encoder = new GatedEncoder(new CountDownLatch(0));
    try (var forecaster =
        new TrainedForecaster(artifact(Map.of()), encoder, Optional.empty(), 1, 4, 100)) {
      List<String> texts = IntStream.rangeClosed(1, 50).mapToObj("x"::repeat).toList();
      FloatMatrix vectors = forecaster.encode(texts);
      assertThat(vectors.rows()).isEqualTo(50);
      for (int i = 0; i < 50; i++) {
        assertThat(vectors.row(i)).containsExactly(i + 1, 1);
      }
      assertThat(encoder.calls).hasValue(7);
    }
  }

  @Test
  void warmUp_whileSomebodyAsks_letsTheQuestionInAndChangesNothing() throws Exception {
    Forecast expected;
    try (var cold =
        new TrainedForecaster(
            artifact(Map.of()),
            new GatedEncoder(new CountDownLatch(0)),
            Optional.empty(),
            1,
            4,
            100)) {
      expected = cold.forecast("hello");
    }
    var gate = new CountDownLatch(1);
    var encoder = new GatedEncoder(gate);
    try (var forecaster =
        new TrainedForecaster(artifact(Map.of()), encoder, Optional.empty(), 1, 4, 100)) {
      forecaster.warmUp();
      encoder.entered.await();
      gate.countDown();
      assertThat(forecaster.forecast("hello")).isEqualTo(expected);
      assertThat(encoder.calls).hasValueGreaterThan(1);
    }
  }

  @Test
  void warmUp_withAnEncoderThatFails_endsQuietly() throws Exception {
    var broken = new CountDownLatch(1);
    var encoder =
        new GatedEncoder(new CountDownLatch(0)) {
          @Override
          public FloatMatrix encode(List<String> texts) {
            if (broken.getCount() > 0) {
              broken.countDown();
              throw new IllegalStateException("no graph");
            }
            return super.encode(texts);
          }
        };
    try (var forecaster =
        new TrainedForecaster(artifact(Map.of()), encoder, Optional.empty(), 1, 4, 100)) {
      forecaster.warmUp();
      broken.await();
      assertThat(forecaster.forecast("hello").models()).hasSize(2);
      assertThat(encoder.calls).hasValue(1);
    }
  }

  @Test
  void feedback_right_raisesTheModelOnLikeQuestionsAndLeavesOthersAlone() {
    var covariances = FloatMatrix.wrap(2, 4, new float[] {0.5f, 0, 0, 0.5f, 0.5f, 0, 0, 0.5f});
    try (var forecaster =
        new TrainedForecaster(
            artifact(Map.of(KernelTraining.COVARIANCES, covariances)),
            new GatedEncoder(new CountDownLatch(0)),
            Optional.empty(),
            1,
            4,
            100)) {
      Forecast before = forecaster.forecast("hello");
      double last = probability(before, "a");
      for (int i = 0; i < 5; i++) {
        assertThat(forecaster.learn("hello", "a", 1)).isTrue();
        double now = probability(forecaster.forecast("hello"), "a");
        assertThat(now).isGreaterThan(last);
        last = now;
      }
      assertThat(probability(forecaster.forecast("hello"), "b"))
          .isEqualTo(probability(before, "b"));
      assertThat(forecaster.learn("hello", "nobody", 1)).isFalse();
    }
  }

  /// A score says whether an answer was good, not whether it was better than others.
  @Test
  void poolFromVotes_learnsFromVotesAlone() {
    var covariances = FloatMatrix.wrap(2, 4, new float[] {0.5f, 0, 0, 0.5f, 0.5f, 0, 0, 0.5f});
    var votes =
        new VoteNotes(new VoteLikelihood(1, 0, 0), Optional.of(new VotePrior(0.5, 0.5))).notes();
    ModelArtifact pool =
        artifact(Map.of(KernelTraining.COVARIANCES, covariances))
            .withNote(VoteNotes.VOTES, String.valueOf(votes.get(VoteNotes.VOTES)));
    try (var forecaster =
        new TrainedForecaster(
            pool, new GatedEncoder(new CountDownLatch(0)), Optional.empty(), 1, 4, 100)) {
      double before = probability(forecaster.forecast("hello"), "a");
      assertThat(forecaster.learn("hello", "a", 1)).isFalse();
      assertThat(probability(forecaster.forecast("hello"), "a")).isEqualTo(before);

      assertThat(forecaster.compare("hello", "a", "b")).isTrue();
      assertThat(probability(forecaster.forecast("hello"), "a")).isGreaterThan(before);
    }
  }
}
