package org.embedllm.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.embedllm.gateway.config.StoreConfig;
import org.embedllm.gateway.decide.Decision;
import org.embedllm.gateway.observe.CompletedRequest;
import org.embedllm.gateway.observe.DecisionRecord;
import org.embedllm.gateway.observe.FailedAttempt;
import org.embedllm.gateway.openai.Usage;
import org.embedllm.gateway.store.DecisionStore.StoreUnavailable;
import org.embedllm.gateway.store.DecisionStore.StoredFeedback;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

/// What every database must do.
abstract class DecisionStoreContract {
  static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
  private static final AtomicInteger COUNT = new AtomicInteger();

  /// Opens the same database each time it is called in a test.
  abstract DecisionStore open(StoreConfig config, Clock clock);

  static StoreConfig config(Optional<String> url, boolean prompts) {
    return new StoreConfig(
        url, Optional.empty(), Optional.empty(), prompts, Duration.ofDays(30), false);
  }

  abstract Optional<String> url();

  /// A database with nothing in it.
  abstract String freshUrl() throws Exception;

  /// Names may hold anything.
  private static final FailedAttempt FAILED =
      new FailedAttempt("a, b://c@x:1", "timeout", "it did not answer in time");

  static Clock at(Instant instant) {
    return Clock.fixed(instant, ZoneOffset.UTC);
  }

  static String id() {
    return "d-" + COUNT.incrementAndGet();
  }

  static CompletedRequest completed(String id, Instant at, Optional<String> client, double cost) {
    var decision =
        new Decision(
            id,
            "auto",
            Optional.of("best"),
            "a",
            "because",
            List.of(
                new Decision.Ranked("a", 0.9, 0.8, 0.95, 0.001, ""),
                new Decision.Ranked("b", 0.6, 0.5, 0.7, Double.NaN, "")),
            List.of(),
            "how much is \0 one and one?",
            2_000_000,
            1_000_000);
    return new CompletedRequest(
        new CompletedRequest.Request(at, client, true),
        Optional.of(CompletedRequest.Choice.of(decision, Optional.of("b"))),
        new CompletedRequest.Answer(
            Optional.of("b"),
            Optional.empty(),
            200,
            Optional.empty(),
            Optional.of(new Usage(10, 5, true)),
            List.of(FAILED),
            Optional.empty()),
        new CompletedRequest.Timing(2, 1, 5, 6, 9),
        cost);
  }

  @Test
  void decision_written_isReadBackAfterReopening() throws StoreUnavailable {
    String id = id();
    try (DecisionStore store = open(config(url(), true), at(NOW))) {
      store.completed(completed(id, NOW, Optional.of("alice"), 0.25));
      assertThat(store.feedback(id, 1, Optional.of("alice"))).isPresent();
      store.vote(id, "b", "a", Optional.of("alice"));
    }
    try (DecisionStore store = open(config(url(), true), at(NOW))) {
      DecisionRecord kept =
          store.recent(1_000).stream().filter(r -> r.id().equals(id)).findFirst().orElseThrow();
      CompletedRequest written = completed(id, NOW, Optional.of("alice"), 0.25);
      assertThat(kept.request().request()).isEqualTo(written.request());
      assertThat(kept.request().answer()).isEqualTo(written.answer());
      assertThat(kept.request().timing()).isEqualTo(written.timing());
      assertThat(kept.request().cost()).isEqualTo(0.25);
      assertThat(kept.choice().probability()).isEqualTo(0.9);
      assertThat(kept.choice().answeredProbability()).isEqualTo(0.6);
      assertThat(kept.score()).contains(1.0);
      assertThat(kept.vote()).contains(new DecisionRecord.Vote("b", "a"));
      assertThat(kept.prompt().orElse("")).startsWith("how much is");
    }
  }

  /// Every database has the same tables, and one of an older program keeps its rows.
  @Test
  void tables_ofTheFirstVersion_areBroughtForward() throws Exception {
    StoreConfig config = config(Optional.of(freshUrl()), false);
    Flyway.configure()
        .dataSource(config.url().orElseThrow(), "", "")
        .locations("classpath:org/embedllm/gateway/store/migrations")
        .target("1")
        .load()
        .migrate();
    try (Connection old = DriverManager.getConnection(config.url().orElseThrow());
        Statement statement = old.createStatement()) {
      statement.execute(
          "INSERT INTO decisions (id, at_millis, requested, chosen, status, streamed, failed)"
              + " VALUES ('d-old', 5, 'auto', 'a', 200, 0, 'a@x:timeout,b@y:cut')");
    }
    try (DecisionStore store = open(config, at(NOW))) {
      assertThat(store.feedback("d-old", 1, Optional.empty())).isPresent();
      DecisionRecord old = store.recent(1).getFirst();
      assertThat(old.id()).isEqualTo("d-old");
      assertThat(old.request().timing().route()).isNaN();
      assertThat(old.request().answer().failed())
          .containsExactly(FailedAttempt.ofLabel("a@x:timeout"), FailedAttempt.ofLabel("b@y:cut"));
      assertThat(store.past(Duration.ofDays(1), 10).decisions()).isEmpty();
    }
    try (Connection now = DriverManager.getConnection(config.url().orElseThrow())) {
      assertThat(columns(now, "decisions"))
          .containsExactly(
              "id",
              "at_millis",
              "caller",
              "requested",
              "policy",
              "chosen",
              "probability",
              "answered_by",
              "answered_probability",
              "status",
              "error",
              "streamed",
              "prompt_tokens",
              "answer_tokens",
              "usage_measured",
              "cost",
              "total_millis",
              "upstream_millis",
              "encode_millis",
              "failed",
              "reason",
              "prompt",
              "route_millis",
              "first_byte_millis",
              "assignment");
      assertThat(columns(now, "feedback"))
          .containsExactly("decision", "at_millis", "caller", "score");
    }
  }

  private static List<String> columns(Connection connection, String table) throws SQLException {
    var names = new ArrayList<String>();
    try (ResultSet columns = connection.getMetaData().getColumns(null, null, table, null)) {
      while (columns.next()) {
        names.add(columns.getString("COLUMN_NAME"));
      }
    }
    return names;
  }

  @Test
  void prompt_notAskedFor_isNotKept() throws StoreUnavailable {
    String id = id();
    try (DecisionStore store = open(config(url(), false), at(NOW))) {
      store.completed(completed(id, NOW, Optional.empty(), 0));
      assertThat(store.feedback(id, 0.5, Optional.empty()).orElseThrow().prompt()).isEmpty();
    }
  }

  @Test
  void feedback_givenAtOnce_findsTheDecisionThatIsStillWaiting() throws StoreUnavailable {
    try (DecisionStore store = open(config(url(), false), at(NOW))) {
      for (int i = 0; i < 50; i++) {
        String id = id();
        store.completed(completed(id, NOW, Optional.empty(), 0));
        StoredFeedback stored = store.feedback(id, 0.25, Optional.empty()).orElseThrow();
        assertThat(stored.model()).isEqualTo("b");
        assertThat(stored.probability()).isEqualTo(0.6);
      }
      assertThat(store.lost()).isZero();
    }
  }

  @Test
  void feedback_unknownOrAnothersDecision_isNotFound() throws StoreUnavailable {
    String id = id();
    try (DecisionStore store = open(config(url(), false), at(NOW))) {
      store.completed(completed(id, NOW, Optional.of("alice"), 0));
      assertThat(store.feedback("d-none", 1, Optional.empty())).isEmpty();
      assertThat(store.feedback(id, 1, Optional.of("bob"))).isEmpty();
      assertThat(store.feedback(id, 1, Optional.of("alice"))).isPresent();
    }
  }

  @Test
  void feedback_givenAgain_replacesTheOldOne() throws StoreUnavailable {
    String id = id();
    try (DecisionStore store = open(config(url(), false), at(NOW))) {
      store.completed(completed(id, NOW, Optional.empty(), 0));
      store.feedback(id, 1, Optional.empty());
      store.feedback(id, 0, Optional.empty());
      assertThat(
              store.recent(1_000).stream()
                  .filter(m -> m.id().equals(id))
                  .map(m -> m.score().orElseThrow()))
          .containsExactly(0.0);
    }
  }

  @Test
  void vote_givenAgain_isKeptOnceUntilItsRetentionEnds() throws StoreUnavailable {
    String id = id();
    try (DecisionStore store = open(config(url(), false), at(NOW))) {
      store.vote(id, "a", "b", Optional.of("alice"));
      store.vote(id, "b", "a", Optional.of("alice"));
      assertThat(votes(store, id)).containsExactly(new ClientVote(id, NOW, "b", "a"));
    }
    try (DecisionStore store = open(config(url(), false), at(NOW.plus(Duration.ofDays(31))))) {
      store.forget();
      assertThat(votes(store, id)).isEmpty();
    }
  }

  private static List<ClientVote> votes(DecisionStore store, String decision)
      throws StoreUnavailable {
    return store.traffic(100_000).votes().stream()
        .filter(vote -> vote.decision().equals(decision))
        .toList();
  }

  @Test
  void spending_sumsOneClientSinceAMoment() throws StoreUnavailable {
    String client = "spender-" + id();
    try (DecisionStore store = open(config(url(), false), at(NOW))) {
      store.completed(completed(id(), NOW.minusSeconds(100), Optional.of(client), 4));
      store.completed(completed(id(), NOW, Optional.of(client), 1.5));
      store.completed(completed(id(), NOW, Optional.of(client), Double.NaN));
      String last = id();
      store.completed(completed(last, NOW, Optional.of("other"), 7));
      assertThat(store.feedback(last, 1, Optional.empty())).isPresent();
      assertThat(store.spent(client, NOW.minusSeconds(10))).hasValue(1.5);
      assertThat(store.spent(client, NOW.minusSeconds(1_000))).hasValue(5.5);
    }
  }

  @Test
  void retention_oldDecisions_areForgottenWithTheirFeedback() throws StoreUnavailable {
    String old = id();
    String fresh = id();
    Instant before = NOW.minus(Duration.ofDays(40));
    try (DecisionStore store = open(config(url(), false), at(NOW))) {
      store.completed(completed(old, before, Optional.empty(), 0));
      store.completed(completed(fresh, NOW, Optional.empty(), 0));
      store.feedback(old, 1, Optional.empty());
      store.feedback(fresh, 1, Optional.empty());
      assertThat(store.forget()).isPositive();
      List<String> left = new ArrayList<>();
      store.recent(1_000).forEach(m -> left.add(m.id()));
      assertThat(left).contains(fresh).doesNotContain(old);
    }
  }

  @Test
  void manyWriters_atOnce_loseNothing() throws Exception {
    var failure = new AtomicReference<Optional<Throwable>>(Optional.empty());
    var kept = new AtomicInteger();
    try (DecisionStore store = open(config(url(), false), at(NOW))) {
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        threads.add(
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    for (int i = 0; i < 25; i++) {
                      String id = id();
                      store.completed(completed(id, NOW, Optional.empty(), 0));
                      kept.addAndGet(store.feedback(id, 1, Optional.empty()).isPresent() ? 1 : 0);
                    }
                  } catch (StoreUnavailable e) {
                    failure.set(Optional.of(e));
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    assertThat(failure.get()).isEmpty();
    assertThat(kept).hasValue(100);
  }
}
