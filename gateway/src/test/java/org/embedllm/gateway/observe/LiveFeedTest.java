package org.embedllm.gateway.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.embedllm.gateway.decide.Decision;
import org.embedllm.gateway.observe.LiveSummary.Bin;
import org.embedllm.gateway.observe.LiveSummary.Step;
import org.embedllm.gateway.openai.Usage;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class LiveFeedTest {
  private static final Duration AT_ONCE = Duration.ZERO;
  private static final Duration HOUR = Duration.ofHours(1);

  private final HandClock clock = new HandClock(Instant.parse("2026-05-01T12:00:00Z"));
  private final LiveFeed feed = new LiveFeed(clock, false);

  /// A clock that is moved by hand.
  private static final class HandClock extends Clock {
    private Instant now;

    HandClock(Instant now) {
      this.now = now;
    }

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException("one zone is enough here");
    }
  }

  private static final FailedAttempt FAILED =
      new FailedAttempt("a@host:1", "timeout", "it did not answer in time");

  private static Decision decision(String id) {
    return new Decision(
        id,
        "auto",
        Optional.of("best"),
        "a",
        "because",
        List.of(
            new Decision.Ranked("a", 0.9, 0.8, 0.95, 0.001, ""),
            new Decision.Ranked("b", 0.6, 0.5, 0.7, 0.001, "")),
        List.of(),
        "a secret question",
        1_000_000,
        100_000);
  }

  private CompletedRequest completed(String id, String answeredBy, double millis, double cost) {
    return new CompletedRequest(
        new CompletedRequest.Request(clock.instant(), Optional.of("alice"), false),
        Optional.of(CompletedRequest.Choice.of(decision(id), Optional.of(answeredBy))),
        new CompletedRequest.Answer(
            Optional.of(answeredBy),
            Optional.empty(),
            200,
            Optional.empty(),
            Optional.of(new Usage(10, 5, true)),
            answeredBy.equals("a") ? List.of() : List.of(FAILED),
            Optional.empty()),
        new CompletedRequest.Timing(millis / 10, millis / 100, millis / 2, millis * 3 / 4, millis),
        cost);
  }

  private void finish(int i) {
    feed.completed(completed("d-" + i, "a", 1, 0.5));
  }

  @Test
  void listener_decisionsAndFeedback_comeInTheirOrder() throws InterruptedException {
    try (LiveSubscription live = feed.subscribe()) {
      feed.completed(completed("d-1", "b", 10, 0.5));
      feed.scored("d-1", 0.6, 1);

      DecisionRecord seen = ((LiveEvent.Decided) live.next(AT_ONCE).orElseThrow()).decision();
      assertThat(seen.model()).isEqualTo("b");
      assertThat(seen.choice().model()).isEqualTo("a");
      assertThat(seen.request().probability()).isEqualTo(0.6);
      assertThat(seen.request().request().client()).contains("alice");
      assertThat(seen.request().answer().failed()).containsExactly(FAILED);
      assertThat(seen.request().timing().overhead())
          .isCloseTo(10 * (0.75 - 0.5 - 0.11), within(1e-6));
      assertThat(seen.prompt()).isEmpty();
      assertThat(live.next(AT_ONCE)).contains(new LiveEvent.Scored("d-1", 1));
      assertThat(live.next(AT_ONCE)).isEmpty();
      assertThat(feed.listeners()).isEqualTo(1);
    }
    assertThat(feed.listeners()).isZero();
  }

  @Test
  void prompt_keptByTheConfiguration_isShown() {
    var keeping = new LiveFeed(clock, true);
    keeping.completed(completed("d-1", "a", 1, 0));
    assertThat(keeping.recent(1).getFirst().prompt()).contains("a secret question");
  }

  @Test
  void listener_tooSlow_losesTheOldestAndIsToldHowMany() throws InterruptedException {
    try (LiveSubscription live = feed.subscribe()) {
      for (int i = 0; i < 700; i++) {
        finish(i);
      }
      long lost = ((LiveEvent.Lost) live.next(AT_ONCE).orElseThrow()).events();
      var ids = new ArrayList<String>();
      Optional<LiveEvent> event = live.next(AT_ONCE);
      while (event.isPresent()) {
        ids.add(((LiveEvent.Decided) event.get()).decision().id());
        event = live.next(AT_ONCE);
      }
      assertThat(lost).isPositive();
      assertThat(ids).hasSize((int) (700 - lost)).startsWith("d-" + lost).endsWith("d-699");
    }
  }

  @Test
  void feed_closed_endsItsListeners() throws InterruptedException {
    LiveSubscription live = feed.subscribe();
    feed.close();
    assertThat(live.next(HOUR)).isEmpty();
    assertThat(live.closed()).isTrue();
    assertThat(feed.subscribe().closed()).isTrue();
  }

  @Test
  void recent_many_keepsTheNewestWithTheirFeedback() {
    for (int i = 0; i < LiveFeed.MOST_RECENT + 10; i++) {
      finish(i);
    }
    feed.scored("d-1009", 0.9, 0.25);
    feed.scored("d-3", 0.9, 1); // forgotten already
    assertThat(feed.recent(5_000)).hasSize(LiveFeed.MOST_RECENT);
    assertThat(feed.recent(2)).extracting(DecisionRecord::id).containsExactly("d-1009", "d-1008");
    assertThat(feed.recent(1).getFirst().score()).contains(0.25);
  }

  @Test
  void summary_window_countsWhatFellIntoIt() {
    finish(1);
    clock.advance(Duration.ofHours(2));
    feed.completed(completed("d-2", "a", 1, 0.5));
    feed.completed(completed("d-3", "a", 1, Double.NaN));
    clock.advance(Duration.ofMinutes(10));
    feed.completed(completed("d-4", "b", 1, 0.25));
    feed.completed(
        CompletedRequest.decisionAlone(clock.instant(), Optional.empty(), decision("d-5")));

    LiveSummary last = feed.summary(HOUR);
    assertThat(last.requests()).isEqualTo(3);
    assertThat(last.fellBack()).isEqualTo(1);
    assertThat(last.errors()).isZero();
    assertThat(last.cost()).isEqualTo(0.75);
    assertThat(last.unpriced()).isEqualTo(1);
    assertThat(last.models())
        .containsExactly(
            new LiveSummary.ModelShare("a", 2, 2.0 / 3, 0.5),
            new LiveSummary.ModelShare("b", 1, 1.0 / 3, 0.25));
    assertThat(last.fallbacks())
        .containsExactly(new LiveSummary.Fallback("a@host:1", "timeout", 1));
    assertThat(last.from()).isEqualTo("2026-05-01T13:10:00Z");
    assertThat(last.timeline()).hasSizeLessThanOrEqualTo(61);
    assertThat(last.timeline().stream().mapToLong(LiveSummary.Slice::requests).sum()).isEqualTo(3);
    assertThat(feed.summary(Duration.ofDays(9)).requests()).isEqualTo(4);
    assertThat(feed.recent(9)).hasSize(5);
    clock.advance(Duration.ofHours(25));
    finish(6);
    assertThat(feed.summary(Duration.ofDays(9)).requests()).isEqualTo(1);
  }

  @Test
  void summary_beforeAnythingIsKnown_beginsThere() {
    clock.advance(Duration.ofMinutes(3));
    assertThat(feed.summary(HOUR).from()).isEqualTo("2026-05-01T12:00:00Z");
    feed.remember(
        List.of(
            new DecisionRecord(
                new CompletedRequest(
                    new CompletedRequest.Request(
                        Instant.parse("2026-05-01T11:30:00Z"), Optional.empty(), false),
                    Optional.of(CompletedRequest.Choice.of(decision("d-old"), Optional.of("a"))),
                    new CompletedRequest.Answer(
                        Optional.of("a"),
                        Optional.empty(),
                        200,
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        Optional.empty()),
                    new CompletedRequest.Timing(1, 1, 5, Double.NaN, 10),
                    0.125),
                Optional.of(1.0),
                Optional.empty())),
        Instant.parse("2026-05-01T11:00:00Z"));
    LiveSummary summary = feed.summary(HOUR);
    assertThat(summary.from()).isEqualTo("2026-05-01T11:03:00Z");
    assertThat(summary.requests()).isEqualTo(1);
    assertThat(summary.calibration().decisions()).isEqualTo(1);
    assertThat(summary.latencies()).extracting(Step::step).doesNotContain("overhead");
  }

  @Test
  void latencies_quantiles_areThoseOfTheSortedOnesWithinSixPercent() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
    var all = new ArrayList<Double>();
    for (int i = 0; i < 2_000; i++) {
      double millis = Math.exp(random.nextGaussian(2, 1.5));
      all.add(millis);
      feed.completed(completed("d-" + i, "a", millis, 0));
    }
    all.sort(Double::compare);
    Step total =
        feed.summary(HOUR).latencies().stream()
            .filter(s -> s.step().equals("total"))
            .findFirst()
            .orElseThrow();
    assertThat(total.count()).isEqualTo(2_000);
    assertThat(total.p50() / all.get(999)).isCloseTo(1, within(0.065));
    assertThat(total.p90() / all.get(1_799)).isCloseTo(1, within(0.065));
    assertThat(total.p99() / all.get(1_979)).isCloseTo(1, within(0.065));
  }

  @Test
  void calibration_feedback_isBinnedByForecastTheLatestOfEachDecision() {
    for (int i = 0; i < 10; i++) {
      feed.scored("d-" + i, 0.85, 0);
      feed.scored("d-" + i, 0.85, i < 8 ? 1 : 0);
    }
    feed.scored("d-unknown", Double.NaN, 1);
    feed.scored("d-sure", 1.0, 1);

    LiveSummary.Calibration c = feed.summary(HOUR).calibration();
    assertThat(c.decisions()).isEqualTo(11);
    assertThat(c.bins()).hasSize(2);
    Bin bin = c.bins().getFirst();
    assertThat(bin.decisions()).isEqualTo(10);
    assertThat(bin.meanForecast()).isCloseTo(0.85, within(1e-12));
    assertThat(bin.meanScore()).isCloseTo(0.8, within(1e-12));
    assertThat(bin.low()).isCloseTo(0.4901625, within(1e-6));
    assertThat(bin.high()).isCloseTo(0.9433178, within(1e-6));
    assertThat(c.bins().getLast().to()).isEqualTo(1);
    assertThat(c.brier()).isCloseTo((8 * 0.0225 + 2 * 0.7225) / 11, within(1e-12));
    assertThat(c.error()).isCloseTo(10 * 0.05 / 11, within(1e-12));
  }

  @Test
  void json_unknownNumbers_areNull() {
    feed.completed(completed("d-1", "a", 1, Double.NaN));
    JsonNode decision = LiveJson.of(feed.recent(1)).get(0);
    assertThat(decision.get("cost").isNull()).isTrue();
    assertThat(decision.get("score").isNull()).isTrue();
    JsonNode calibration = LiveJson.of(feed.summary(HOUR)).get("calibration");
    assertThat(calibration.get("outcomes").asInt()).isZero();
    assertThat(calibration.get("meanForecast").isNull()).isTrue();
    JsonNode lost = LiveJson.of(new LiveEvent.Lost(3));
    assertThat(lost.get("event").asString()).isEqualTo("lost");
    assertThat(lost.get("events").asInt()).isEqualTo(3);
  }

  @Test
  void vote_isToldAndKeptWithItsDecision() throws InterruptedException {
    feed.completed(completed("d-1", "b", 1, 0));
    assertThat(LiveJson.of(feed.recent(1)).get(0).get("vote").isNull()).isTrue();
    try (LiveSubscription live = feed.subscribe()) {
      feed.voted("d-1", new DecisionRecord.Vote("a", "b"));
      assertThat(LiveJson.of(live.next(AT_ONCE).orElseThrow()))
          .hasToString(
              "{\"event\":\"voted\",\"decision\":\"d-1\",\"vote\":{\"better\":\"a\",\"worse\":\"b\"}}");
    }
    assertThat(LiveJson.of(feed.recent(1)).get(0).at("/vote/worse").asString()).isEqualTo("b");
  }

  @Test
  void json_failedAttempts_haveTheirWords() {
    feed.completed(completed("d-1", "b", 1, 0));
    JsonNode decision = LiveJson.of(feed.recent(1)).get(0);
    assertThat(decision.at("/failed/0").asString()).isEqualTo("a@host:1:timeout");
    assertThat(decision.at("/attempts/0/said").asString()).isEqualTo("it did not answer in time");
  }
}
