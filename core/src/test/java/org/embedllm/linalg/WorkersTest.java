package org.embedllm.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class WorkersTest {
  @Test
  void run_manyShortRounds_doesEveryTaskOnce() {
    try (Workers workers = new Workers(4)) {
      AtomicIntegerArray done = new AtomicIntegerArray(7);
      for (int round = 1; round <= 5_000; round++) {
        workers.run(7, done::incrementAndGet);
        for (int task = 0; task < 7; task++) {
          assertThat(done.get(task)).isEqualTo(round);
        }
      }
    }
  }

  @Test
  void run_taskFails_failureReachesTheCallerAndTheNextRoundWorks() {
    try (Workers workers = new Workers(3)) {
      assertThatThrownBy(() ->
              workers.run(
                  5,
                  task -> {
                    if (task == 3) {
                      throw new IllegalStateException("task 3");
                    }
                  }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("task 3");
      AtomicIntegerArray done = new AtomicIntegerArray(5);
      workers.run(5, done::incrementAndGet);
      assertThat(done.toString()).isEqualTo("[1, 1, 1, 1, 1]");
    }
  }

  @Test
  void constructor_noThread_isRefused() {
    assertThatThrownBy(() -> new Workers(0)).hasMessageContaining("got 0");
  }
}
