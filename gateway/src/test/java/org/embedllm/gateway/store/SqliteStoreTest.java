package org.embedllm.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.embedllm.gateway.Eventually;
import org.embedllm.gateway.config.StoreConfig;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("database")
class SqliteStoreTest extends DecisionStoreContract {
  @TempDir private Path folder;

  @Override
  DecisionStore open(StoreConfig config, Clock clock) {
    return new DecisionStore(config, folder.resolve("decisions.sqlite"), clock);
  }

  @Override
  Optional<String> url() {
    return Optional.empty();
  }

  @Override
  String freshUrl() {
    return "jdbc:sqlite:" + folder.resolve("older.sqlite");
  }

  @Test
  void crash_afterAcknowledgedFeedback_losesNothing() throws Exception {
    String id = id();
    Path after = Files.createDirectory(folder.resolve("after-the-crash"));
    try (DecisionStore store = open(config(url(), false), at(NOW))) {
      store.completed(completed(id, NOW, Optional.empty(), 0));
      store.feedback(id, 1, Optional.empty());
      // What is on the disk at this moment is all a crash would leave.
      for (String suffix : new String[] {"", "-wal"}) {
        Path file = folder.resolve("decisions.sqlite" + suffix);
        if (Files.exists(file)) {
          Files.copy(file, after.resolve(file.getFileName()));
        }
      }
    }
    try (DecisionStore store =
        new DecisionStore(config(url(), false), after.resolve("decisions.sqlite"), at(NOW))) {
      assertThat(store.recent(10).getFirst().score()).contains(1.0);
    }
  }

  @Test
  void log_ofAnOlderStore_hasNoVotes() throws Exception {
    String id = id();
    try (DecisionStore store = open(config(url(), false), at(NOW))) {
      store.completed(completed(id, NOW, Optional.empty(), 0));
      store.vote(id, "a", "b", Optional.empty());
    }
    String file = folder.resolve("decisions.sqlite").toString();
    assertThat(DecisionLog.read(file).decisions().getFirst().vote()).isPresent();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("DROP TABLE votes");
    }
    DecisionLog.Content older = DecisionLog.read(file);
    assertThat(older.decisions().getFirst().id()).isEqualTo(id);
    assertThat(older.decisions().getFirst().vote()).isEmpty();
    assertThat(older.votes()).isEmpty();
  }

  /// A small file system of its own, which only root may mount.
  @Test
  @Tag("process")
  void disk_fullAndFreedAgain_writesAgainByItself() throws Exception {
    Path small = Files.createDirectory(folder.resolve("small"));
    Assumptions.assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small.toString()),
        "a full disk is not tested: only root mounts a small file system");
    try (var store =
        new DecisionStore(
            config(url(), false), small.resolve("decisions.sqlite"), Clock.systemUTC())) {
      Path ballast = small.resolve("ballast");
      fill(ballast);
      var reported = new ArrayList<String>();
      Eventually.holds(() -> {
        reported.add(id());
        store.completed(completed(reported.getLast(), NOW, Optional.empty(), 0));
        return !store.working();
      });
      Eventually.holds(() -> store.lost() > 0);
      Files.delete(ballast);
      Eventually.holds(() -> {
        store.probe();
        return store.working();
      });
      String id = id();
      store.completed(completed(id, NOW, Optional.empty(), 0));
      assertThat(store.feedback(id, 1, Optional.empty())).isPresent();
      // What was reported lost is lost, and everything else is there.
      Eventually.holds(() -> store.recent(10_000).size() + store.lost() == reported.size() + 1);
    } finally {
      assertThat(run("umount", small.toString())).isTrue();
    }
  }

  private static void fill(Path file) throws IOException {
    try (var out = Files.newOutputStream(file)) {
      byte[] block = new byte[1 << 10];
      while (true) {
        out.write(block);
        out.flush();
      }
    } catch (IOException full) {
      assertThat(Files.size(file)).isPositive();
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  @Test
  void folder_missing_isNamed() {
    assertThatThrownBy(() ->
            new DecisionStore(
                config(Optional.of("jdbc:sqlite:/no/such/folder/x.sqlite"), false),
                folder,
                at(NOW)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("store.url jdbc:sqlite:/no/such/folder/x.sqlite cannot be used");
  }
}
