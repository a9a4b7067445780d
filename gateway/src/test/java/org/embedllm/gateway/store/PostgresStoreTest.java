package org.embedllm.gateway.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Optional;
import org.embedllm.gateway.Postgres;
import org.embedllm.gateway.config.StoreConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("database")
class PostgresStoreTest extends DecisionStoreContract {
  private @Nullable Postgres postgres;

  @BeforeAll
  void start() throws IOException, InterruptedException {
    Optional<Path> programs = Postgres.programs();
    Assumptions.assumeTrue(
        programs.isPresent(),
        "PostgreSQL is not tested: no initdb below /usr/lib/postgresql or on the PATH");
    postgres = Postgres.start(programs.get());
  }

  @AfterAll
  void stop() throws IOException {
    Postgres running = postgres;
    if (running != null) {
      running.close();
    }
  }

  @Override
  DecisionStore open(StoreConfig config, Clock clock) {
    return new DecisionStore(config, Path.of("unused"), clock);
  }

  @Override
  Optional<String> url() {
    return Optional.ofNullable(postgres).map(Postgres::url);
  }

  @Override
  String freshUrl() throws SQLException {
    return Optional.ofNullable(postgres).orElseThrow().another("older");
  }
}
