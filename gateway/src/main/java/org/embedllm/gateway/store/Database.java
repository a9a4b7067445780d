package org.embedllm.gateway.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import org.embedllm.gateway.config.StoreConfig;
import org.embedllm.storage.BadInputException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// SQLite or PostgreSQL behind a few pooled connections, its tables brought to this program's
/// version.
final class Database implements AutoCloseable {
  /// How long a thread waits for a connection.
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(DecisionStore.class);
  private static final Duration SILENCE = Duration.ofSeconds(60);
  private static final Duration CONNECT = Duration.ofSeconds(4);
  private static final Duration VALIDATE = Duration.ofSeconds(2);

  /// Class of the errors of connections (SQLSTATE).
  private static final String CONNECTION = "08";

  /// What a server says while it starts (SQLSTATE).
  private static final String STARTING = "57P03";

  private final String url;
  private final HikariDataSource source;
  private volatile boolean ready;

  /// Opens a database. A server that does not answer is tried again by [#takesWrites].
  ///
  /// @throws BadInputException where it cannot be opened or brought to this version
  Database(String url, StoreConfig config) {
    this.url = url;
    this.source = source(url, config);
    try {
      this.ready = migrated();
    } catch (BadInputException e) {
      source.close();
      throw e;
    }
  }

  /// Whether it has answered since the start.
  boolean ready() {
    return ready;
  }

  private static HikariDataSource source(String url, StoreConfig config) {
    HikariConfig hikari = new HikariConfig();
    if (url.startsWith("jdbc:sqlite:")) {
      SqliteLibrary.load();
      // WAL separates readers and the writer; FULL makes an acknowledgement durable.
      hikari.addDataSourceProperty("journal_mode", "WAL");
      hikari.addDataSourceProperty("synchronous", "FULL");
      hikari.addDataSourceProperty("busy_timeout", "10000");
    }
    if (url.startsWith("jdbc:postgresql:")) {
      // A server that has stopped without a word must not hold connections forever.
      hikari.addDataSourceProperty("socketTimeout", Long.toString(SILENCE.toSeconds()));
      hikari.addDataSourceProperty("tcpKeepAlive", "true");
      hikari.setInitializationFailTimeout(-1);
    }
    hikari.setJdbcUrl(url);
    hikari.setPoolName("gateway-store");
    hikari.setMaximumPoolSize(3);
    hikari.setMinimumIdle(1);
    hikari.setConnectionTimeout(CONNECT.toMillis());
    hikari.setValidationTimeout(VALIDATE.toMillis());
    config.user().ifPresent(hikari::setUsername);
    config.password().ifPresent(p -> hikari.setPassword(p.value()));
    try {
      return new HikariDataSource(hikari);
    } catch (HikariPool.PoolInitializationException e) {
      throw unusable(url, e);
    }
  }

  /// Brings the tables to this version.
  ///
  /// @return false where the server does not answer
  private boolean migrated() {
    try {
      Flyway.configure()
          .dataSource(source)
          .locations("classpath:org/embedllm/gateway/store/migrations")
          .load()
          .migrate();
      return true;
    } catch (FlywayException e) {
      if (isAway(e)) {
        return false;
      }
      throw unusable(url, e);
    }
  }

  private static boolean isAway(Throwable e) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (at instanceof SQLException sql
          && sql.getSQLState() != null
          && (sql.getSQLState().startsWith(CONNECTION) || sql.getSQLState().equals(STARTING))) {
        return true;
      }
    }
    return false;
  }

  private static BadInputException unusable(String url, Exception e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return BadInputException.of(
        "store.url %s cannot be used: %s"
            .formatted(url.replaceAll("\\?.*", ""), root.getMessage()));
  }

  Connection connection() throws SQLException {
    if (!ready) {
      throw new SQLTransientConnectionException("the database has not answered yet");
    }
    return source.getConnection();
  }

  /// A connection that must not be used again: whatever it had begun is undone.
  void discard(Connection connection) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      // It is closed all the same.
    }
    source.evictConnection(connection);
  }

  /// Whether the database takes writes; waits as long as a connection may take.
  boolean takesWrites(long now) {
    try {
      ready = ready || migrated();
    } catch (BadInputException e) {
      LOG.error(e.getMessage());
      return false;
    }
    try (Connection connection = connection();
        PreparedStatement statement =
            connection.prepareStatement(
                "INSERT INTO probe (id, at_millis) VALUES (1, ?)"
                    + " ON CONFLICT (id) DO UPDATE SET at_millis = excluded.at_millis")) {
      statement.setLong(1, now);
      return statement.executeUpdate() == 1;
    } catch (SQLException e) {
      return false;
    }
  }

  @Override
  public void close() {
    source.close();
  }
}
