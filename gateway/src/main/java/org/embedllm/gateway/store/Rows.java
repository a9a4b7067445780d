package org.embedllm.gateway.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.Optional;
import org.embedllm.gateway.observe.CompletedRequest;
import org.embedllm.gateway.observe.DecisionRecord;
import org.embedllm.gateway.openai.Usage;
import tools.jackson.core.JacksonException;

/// [DecisionRecord] as a row of the table `decisions`.
final class Rows {
  static final String INSERT =
      "INSERT INTO decisions (id, at_millis, caller, requested, policy, chosen, probability,"
          + " answered_by, answered_probability, status, error, streamed, prompt_tokens,"
          + " answer_tokens, usage_measured, cost, total_millis, upstream_millis, encode_millis,"
          + " failed, reason, prompt, route_millis, first_byte_millis, assignment)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
          + " ON CONFLICT (id) DO NOTHING";
  static final String SELECT =
      "SELECT d.*, f.score AS score, v.better AS better, v.worse AS worse FROM decisions d"
          + " LEFT JOIN feedback f ON f.decision = d.id LEFT JOIN votes v ON v.decision = d.id";

  /// In an older store, which has no votes.
  static final String SELECT_WITHOUT_VOTES =
      "SELECT d.*, f.score AS score, NULL AS better, NULL AS worse FROM decisions d"
          + " LEFT JOIN feedback f ON f.decision = d.id";

  private Rows() {}

  static void bind(PreparedStatement s, DecisionRecord record) throws SQLException {
    CompletedRequest r = record.request();
    CompletedRequest.Answer answer = r.answer();
    s.setString(1, record.id());
    s.setLong(2, r.request().at().toEpochMilli());
    text(s, 3, r.request().client());
    s.setString(4, record.choice().requested());
    text(s, 5, record.choice().policy());
    s.setString(6, record.choice().model());
    number(s, 7, record.choice().probability());
    text(s, 8, answer.model());
    number(s, 9, record.choice().answeredProbability());
    s.setInt(10, answer.status());
    text(s, 11, answer.error());
    s.setInt(12, r.request().streamed() ? 1 : 0);
    number(s, 13, answer.usage().map(u -> (double) u.promptTokens()).orElse(Double.NaN));
    number(s, 14, answer.usage().map(u -> (double) u.answerTokens()).orElse(Double.NaN));
    s.setInt(15, answer.usage().map(Usage::measured).orElse(false) ? 1 : 0);
    number(s, 16, r.cost());
    number(s, 17, r.timing().total());
    number(s, 18, r.timing().upstream());
    number(s, 19, r.timing().encode());
    s.setString(20, FailedAttempts.write(answer.failed()));
    s.setString(21, record.choice().reason());
    text(s, 22, record.prompt());
    number(s, 23, r.timing().route());
    number(s, 24, r.timing().firstByte());
    text(s, 25, AssignmentText.write(record.choice().assignment()));
  }

  /// @throws SQLException also where a value is none that a gateway writes
  static DecisionRecord read(ResultSet r) throws SQLException {
    try {
      return record(r);
    } catch (JacksonException e) {
      throw new SQLException(
          "decision %s is damaged: %s".formatted(r.getString("id"), e.getOriginalMessage()), e);
    } catch (IllegalArgumentException e) {
      throw new SQLException(
          "decision %s is damaged: %s".formatted(r.getString("id"), e.getMessage()), e);
    }
  }

  private static DecisionRecord record(ResultSet r) throws SQLException {
    int status = r.getInt("status");
    Optional<String> answeredBy = Optional.ofNullable(r.getString("answered_by"));
    var choice =
        new CompletedRequest.Choice(
            required(r, "id"),
            required(r, "requested"),
            Optional.ofNullable(r.getString("policy")),
            required(r, "chosen"),
            number(r, "probability"),
            answeredBy.isPresent() ? number(r, "answered_probability") : Double.NaN,
            Optional.ofNullable(r.getString("reason")).orElse(""),
            Optional.ofNullable(r.getString("prompt")).orElse(""),
            AssignmentText.read(Optional.ofNullable(r.getString("assignment"))));
    return new DecisionRecord(
        new CompletedRequest(
            new CompletedRequest.Request(
                Instant.ofEpochMilli(r.getLong("at_millis")),
                Optional.ofNullable(r.getString("caller")),
                r.getInt("streamed") == 1),
            Optional.of(choice),
            new CompletedRequest.Answer(
                answeredBy,
                Optional.empty(),
                status,
                Optional.ofNullable(r.getString("error")),
                usage(r),
                FailedAttempts.read(Optional.ofNullable(r.getString("failed")).orElse("")),
                Optional.empty()),
            new CompletedRequest.Timing(
                number(r, "encode_millis"),
                number(r, "route_millis"),
                status == 0 ? Double.NaN : number(r, "upstream_millis"),
                number(r, "first_byte_millis"),
                number(r, "total_millis")),
            number(r, "cost")),
        Optional.of(number(r, "score")).filter(score -> !score.isNaN()),
        vote(r));
  }

  private static Optional<DecisionRecord.Vote> vote(ResultSet r) throws SQLException {
    return r.getString("better") == null
        ? Optional.empty()
        : Optional.of(new DecisionRecord.Vote(required(r, "better"), required(r, "worse")));
  }

  private static Optional<Usage> usage(ResultSet r) throws SQLException {
    double prompt = number(r, "prompt_tokens");
    double answer = number(r, "answer_tokens");
    return Double.isNaN(prompt) || Double.isNaN(answer)
        ? Optional.empty()
        : Optional.of(new Usage((long) prompt, (long) answer, r.getInt("usage_measured") == 1));
  }

  /// A text that every row has.
  static String required(ResultSet r, String column) throws SQLException {
    String text = r.getString(column);
    if (text == null) {
      throw new SQLException("a row has no " + column);
    }
    return text;
  }

  static void text(PreparedStatement s, int at, Optional<String> text) throws SQLException {
    if (text.isPresent()) {
      // PostgreSQL has no NUL character.
      s.setString(at, text.get().replace("\0", ""));
    } else {
      s.setNull(at, Types.VARCHAR);
    }
  }

  private static void number(PreparedStatement s, int at, double number) throws SQLException {
    if (Double.isFinite(number)) {
      s.setDouble(at, number);
    } else {
      s.setNull(at, Types.DOUBLE);
    }
  }

  private static double number(ResultSet r, String column) throws SQLException {
    double value = r.getDouble(column);
    return r.wasNull() ? Double.NaN : value;
  }
}
