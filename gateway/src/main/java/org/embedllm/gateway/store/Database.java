package org.embedllm.gateway.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.embedllm.gateway.config.StoreConfig;
import org.embedllm.storage.BadInputException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/// SQLite or PostgreSQL behind a few pooled connections, its tables brought to this program's
/// version.
final class Database implements AutoCloseable {
  /// How long a caller waits for a connection.
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private final HikariDataSource source;

  /// @throws BadInputException where it cannot be opened or brought to this version
  Database(String url, StoreConfig config) {
    this.source = source(url, config);
    migrate(url);
  }

  private static HikariDataSource source(String url, StoreConfig config) {
    HikariConfig hikari = new HikariConfig();
    if (url.startsWith("jdbc:sqlite:")) {
      // WAL keeps readers and the writer apart; FULL is what makes an acknowledgement true.
      hikari.addDataSourceProperty("journal_mode", "WAL");
      hikari.addDataSourceProperty("synchronous", "FULL");
      hikari.addDataSourceProperty("busy_timeout", "10000");
    }
    hikari.setJdbcUrl(url);
    hikari.setPoolName("gateway-store");
    hikari.setMaximumPoolSize(3);
    hikari.setMinimumIdle(1);
    hikari.setConnectionTimeout(PATIENCE.toMillis());
    config.user().ifPresent(hikari::setUsername);
    config.password().ifPresent(p -> hikari.setPassword(p.value()));
    try {
      return new HikariDataSource(hikari);
    } catch (HikariPool.PoolInitializationException e) {
      throw unusable(url, e);
    }
  }

  private void migrate(String url) {
    try {
      Flyway.configure()
          .dataSource(source)
          .locations("classpath:org/embedllm/gateway/store/migrations")
          .load()
          .migrate();
    } catch (FlywayException e) {
      source.close();
      throw unusable(url, e);
    }
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
    return source.getConnection();
  }

  @Override
  public void close() {
    source.close();
  }
}
