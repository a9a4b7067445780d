package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.gateway.decide.TrainedForecaster;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.votes.VoteLikelihood;
import org.embedllm.votes.VoteNotes;
import org.embedllm.votes.VotePrior;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Votes over HTTP to a trained forecaster. Three models have two numbers each; a text's vector is
/// (characters / 10, 1), so that logits and updates can be computed by hand.
@Tag("server")
class LearnedVotesTest {
  private static final List<String> MODELS = List.of("a", "b", "c");
  private static final float[] VECTORS = {0.1f, 0.2f, 0.2f, -0.1f, -0.3f, 0.1f}; // [3, 2]
  private static final double VARIANCE = 0.5; // of each number
  private static final double SCALE = 1.5; // of votes
  private static final String TEXT = "hello"; // its vector is (.5, 1)

  @TempDir private Path folder;
  private StubUpstream a;
  private StubUpstream b;

  @BeforeEach
  void open() throws IOException {
    a = new StubUpstream("a");
    b = new StubUpstream("b");
  }

  @AfterEach
  void close() {
    a.close();
    b.close();
  }

  @Test
  void route_poolFromVotes_saysPreferenceAndAPoolFromScoresNothing() throws IOException {
    try (GatewayFixture gateway = gateway(ofVotes())) {
      JsonNode route = route(gateway);
      assertThat(route.get("quantity").asString()).isEqualTo("preference");
      assertThat(probability(route, "a")).isCloseTo(sigmoid(logit("a")), within(1e-6));
    }
    try (GatewayFixture gateway = gateway(ofScores())) {
      JsonNode route = route(gateway);
      assertThat(route.has("quantity")).isFalse();
      assertThat(probability(route, "a")).isCloseTo(sigmoid(logit("a")), within(1e-6));
    }
  }

  @Test
  void vote_onADecision_movesBothModelsAsFarAsTheirVarianceAllows() throws IOException {
    try (GatewayFixture gateway = gateway(ofVotes())) {
      JsonNode before = route(gateway);
      String decision = before.get("decision").asString();
      assertThat(before.get("model").asString()).isEqualTo("a");
      JsonNode kept =
          GatewayFixture.json(
              gateway.post(
                  "/v1/feedback", "{\"better\":\"b\",\"worse\":\"%s\"}".formatted(decision)));
      assertThat(kept.get("worse").asString()).isEqualTo("a");
      assertThat(kept.get("learned").asBoolean()).isTrue();

      JsonNode after = route(gateway);
      assertThat(probability(after, "b"))
          .isCloseTo(sigmoid(moved(logit("b"), logit("a"), 1)), within(1e-5))
          .isGreaterThan(probability(before, "b") + 0.1);
      assertThat(probability(after, "a"))
          .isCloseTo(sigmoid(moved(logit("a"), logit("b"), 0)), within(1e-5))
          .isLessThan(probability(before, "a") - 0.1);
      assertThat(after.get("model").asString()).isEqualTo("b");
    }
  }

  @Test
  void score_toAPoolFromVotes_isKeptAndMovesNothing() throws IOException {
    try (GatewayFixture gateway = gateway(ofVotes())) {
      JsonNode before = route(gateway);
      JsonNode kept =
          GatewayFixture.json(
              gateway.post(
                  "/v1/feedback",
                  "{\"decision\":\"%s\",\"score\":1}"
                      .formatted(before.get("decision").asString())));
      assertThat(kept.get("learned").asBoolean()).isFalse();
      assertThat(route(gateway).get("ranking")).isEqualTo(before.get("ranking"));
    }
  }

  /// The logit after one vote: the point where the pull of the prior equals that of the vote. The
  /// prior has aged by one outcome and has a hundredth of itself beside it.
  ///
  /// @param points 1 for the better one, 0 for the worse
  private static double moved(double logit, double other, double points) {
    double variance = VARIANCE / (0.99965 + 0.01) * (0.5 * 0.5 + 1); // of the logit
    double low = logit - 20;
    double high = logit + 20;
    for (int i = 0; i < 200; i++) {
      double middle = (low + high) / 2;
      double pull = SCALE * (points - sigmoid(SCALE * (middle - other)));
      if (variance * pull > middle - logit) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static double logit(String model) {
    int row = MODELS.indexOf(model);
    return 0.5 * VECTORS[2 * row] + VECTORS[2 * row + 1];
  }

  private static double sigmoid(double z) {
    return 1 / (1 + Math.exp(-z));
  }

  private static JsonNode route(GatewayFixture gateway) {
    return GatewayFixture.json(gateway.post("/v1/route", "{\"prompt\":\"%s\"}".formatted(TEXT)));
  }

  private static double probability(JsonNode route, String model) {
    OptionalDouble found = OptionalDouble.empty();
    for (JsonNode candidate : route.get("ranking")) {
      if (candidate.get("model").asString().equals(model)) {
        found = OptionalDouble.of(candidate.get("probability").asDouble());
      }
    }
    return found.orElseThrow();
  }

  private GatewayFixture gateway(ModelArtifact pool) throws IOException {
    return new GatewayFixture(
        new TrainedForecaster(pool, new Lengths(), Optional.empty(), 1, 4, 100),
        folder,
        GatewayFixture.upstreams(GatewayFixture.of(a, b)));
  }

  private static ModelArtifact ofVotes() {
    String votes =
        new VoteNotes(
                new VoteLikelihood(SCALE, 0, 0), Optional.of(new VotePrior(VARIANCE, VARIANCE)))
            .notes()
            .getOrDefault(VoteNotes.VOTES, "");
    return ofScores().withNote(VoteNotes.VOTES, votes);
  }

  private static ModelArtifact ofScores() {
    float v = (float) VARIANCE;
    return TestArtifacts.of(
        new MatrixFactorization(
            MODELS,
            Lengths.IDENTITY,
            new FeatureMap.Identity(2),
            FloatMatrix.wrap(3, 2, VECTORS.clone()),
            FloatMatrix.wrap(2, 2, new float[] {1, 0, 0, 1}),
            FloatMatrix.wrap(1, 2, new float[2]),
            FloatMatrix.wrap(2, 2, new float[] {0, 0, 1, 1}),
            FloatMatrix.wrap(1, 2, new float[2])),
        Map.of(
            KernelTraining.COVARIANCES,
            FloatMatrix.wrap(3, 4, new float[] {v, 0, 0, v, v, 0, 0, v, v, 0, 0, v})));
  }

  private static final class Lengths implements QuestionEncoder {
    static final EncoderIdentity IDENTITY = new EncoderIdentity("lengths", "00", 2, 0);

    @Override
    public EncoderIdentity identity() {
      return IDENTITY;
    }

    @Override
    public FloatMatrix encode(List<String> texts) {
      float[] vectors = new float[2 * texts.size()];
      for (int i = 0; i < texts.size(); i++) {
        vectors[2 * i] = texts.get(i).length() / 10f;
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
      // Nothing is held.
    }
  }
}
