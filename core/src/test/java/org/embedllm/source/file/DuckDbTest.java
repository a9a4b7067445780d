package org.embedllm.source.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class DuckDbTest {
  @Test
  void whatDoesNotFitIntoMemory_goesToTheTemporaryFolder_andIsDeleted() throws Exception {
    Path spill;
    try (Connection duckdb = DuckDb.open(Path.of("t.parquet"));
        Statement statement = duckdb.createStatement()) {
      try (ResultSet row = statement.executeQuery("SELECT current_setting('temp_directory')")) {
        assertThat(row.next()).isTrue();
        spill = Path.of(row.getString(1));
      }
      statement.execute("SET memory_limit = '32MB'");
      statement.execute("CREATE TEMP TABLE t AS SELECT hash(i) AS h FROM range(8000000) AS r(i)");
      assertThat(spill).isNotEmptyDirectory();
    }

    assertThat(spill).startsWithRaw(Path.of(System.getProperty("java.io.tmpdir")));
    assertThat(Files.exists(spill)).isFalse();
  }
}
