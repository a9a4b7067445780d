package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.embedllm.gateway.config.StoreConfig;
import org.embedllm.gateway.store.DecisionStore;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
