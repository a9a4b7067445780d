package org.embedllm.gateway.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LatestEntriesTest {
  private final AtomicLong nanos = new AtomicLong(-1);
  private final LatestEntries<Integer, String> entries =
      new LatestEntries<>(1_000, String::length, Duration.ofSeconds(10), nanos::get);

  @Test
  void newEntries_moreThanHavePlace_pushOutTheOldest() {
    for (int i = 0; i < 10_000; i++) {
      entries.put(i, "ten letter");
    }
    for (int i = 9_900; i < 10_000; i++) {
      assertThat(entries.find(i)).contains("ten letter");
    }
    assertThat(entries.find(9_899)).isEmpty();
  }

  @Test
  void entry_usedOrPutAgain_outlivesOthers() {
    entries.put(1, "a".repeat(400));
    entries.put(2, "b".repeat(400));
    assertThat(entries.find(1)).isPresent();
    entries.put(3, "c".repeat(400));
    assertThat(entries.find(2)).isEmpty();
    entries.put(1, "short");
    entries.put(4, "d".repeat(500));
    assertThat(entries.find(1)).contains("short");
    assertThat(entries.find(3)).isPresent();
  }

  @Test
  void entry_heavierThanAll_isNotKeptAndPushesNothingOut() {
    entries.put(1, "a");
    entries.put(2, "b".repeat(1_001));
    assertThat(entries.find(1)).contains("a");
    assertThat(entries.find(2)).isEmpty();
  }

  @Test
  void entry_notUsedInItsTime_isGone() {
    entries.put(1, "a");
    nanos.addAndGet(Duration.ofSeconds(9).toNanos());
    assertThat(entries.find(1)).isPresent();
    nanos.addAndGet(Duration.ofSeconds(9).toNanos());
    assertThat(entries.find(1)).isPresent();
    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    assertThat(entries.remove(1)).isEmpty();
  }

  @Test
  void entry_removed_isGivenOnce() {
    entries.put(1, "a");
    assertThat(entries.remove(1)).contains("a");
    assertThat(entries.remove(1)).isEmpty();
  }
}
