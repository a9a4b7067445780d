package org.embedllm.app.gateway.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.Optional;

/// [Memory] as a row of the table `decisions`.
final class Rows {
  static final String INSERT =
      "INSERT INTO decisions (id, at_millis, caller, requested, policy, chosen, probability,"
          + " answered_by, answered_probability, status, error, streamed, prompt_tokens,"
          + " answer_tokens, usage_measured, cost, total_millis, upstream_millis, encode_millis,"
          + " failed, reason, prompt, route_millis, first_byte_millis)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
          + " ON CONFLICT (id) DO NOTHING";
  static final String SELECT =
      "SELECT d.*, f.score AS score FROM decisions d LEFT JOIN feedback f ON f.decision = d.id";

  private Rows() {}

  static void bind(PreparedStatement s, Memory m) throws SQLException {
    s.setString(1, m.id());
    s.setLong(2, m.at().toEpochMilli());
    text(s, 3, m.caller());
    s.setString(4, m.requested());
    text(s, 5, m.policy());
    s.setString(6, m.chosen());
    number(s, 7, m.probability());
    text(s, 8, m.answeredBy());
    number(s, 9, m.answeredProbability());
    s.setInt(10, m.status());
    text(s, 11, m.error());
    s.setInt(12, m.streamed() ? 1 : 0);
    count(s, 13, m.promptTokens());
    count(s, 14, m.answerTokens());
    s.setInt(15, m.measured() ? 1 : 0);
    number(s, 16, m.cost());
    number(s, 17, m.totalMillis());
    number(s, 18, m.upstreamMillis());
    number(s, 19, m.encodeMillis());
    s.setString(20, m.failed());
    s.setString(21, m.reason());
    text(s, 22, m.prompt());
    number(s, 23, m.routeMillis());
    number(s, 24, m.firstByteMillis());
  }

  static Memory read(ResultSet r) throws SQLException {
    return new Memory(
        r.getString("id"),
        Instant.ofEpochMilli(r.getLong("at_millis")),
        Optional.ofNullable(r.getString("caller")),
        r.getString("requested"),
        Optional.ofNullable(r.getString("policy")),
        r.getString("chosen"),
        number(r, "probability"),
        Optional.ofNullable(r.getString("answered_by")),
        number(r, "answered_probability"),
        r.getInt("status"),
        Optional.ofNullable(r.getString("error")),
        r.getInt("streamed") == 1,
        count(r, "prompt_tokens"),
        count(r, "answer_tokens"),
        r.getInt("usage_measured") == 1,
        number(r, "cost"),
        number(r, "total_millis"),
        number(r, "upstream_millis"),
        number(r, "encode_millis"),
        number(r, "route_millis"),
        number(r, "first_byte_millis"),
        Optional.ofNullable(r.getString("failed")).orElse(""),
        Optional.ofNullable(r.getString("reason")).orElse(""),
        Optional.ofNullable(r.getString("prompt")),
        Optional.of(number(r, "score")).filter(score -> !score.isNaN()));
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

  private static void count(PreparedStatement s, int at, long count) throws SQLException {
    if (count >= 0) {
      s.setLong(at, count);
    } else {
      s.setNull(at, Types.BIGINT);
    }
  }

  private static double number(ResultSet r, String column) throws SQLException {
    double value = r.getDouble(column);
    return r.wasNull() ? Double.NaN : value;
  }

  private static long count(ResultSet r, String column) throws SQLException {
    long value = r.getLong(column);
    return r.wasNull() ? -1 : value;
  }
}
