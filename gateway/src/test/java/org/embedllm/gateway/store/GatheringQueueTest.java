package org.embedllm.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GatheringQueueTest {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final Duration SOON = Duration.ofMillis(20);

  private final ExecutorService other = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void end() {
    other.shutdownNow();
  }

  private static GatheringQueue<String> queue(Duration gather) {
    return new GatheringQueue<>(4, 3, gather, "urgent"::equals);
  }

  private static List<String> batch(GatheringQueue<String> queue) throws InterruptedException {
    var batch = new ArrayList<String>();
    assertThat(queue.take(batch)).isNotEqualTo(batch.isEmpty());
    return batch;
  }

  private static void offer(GatheringQueue<String> queue, String... elements)
      throws InterruptedException {
    for (String element : elements) {
      assertThat(queue.offer(element, Duration.ZERO)).isTrue();
    }
  }

  /// Runs until it waits for something.
  private <T> Future<T> waiting(Callable<T> work) throws InterruptedException {
    var thread = new Thread[1];
    Future<T> result =
        other.submit(() -> {
          synchronized (thread) {
            thread[0] = Thread.currentThread();
          }
          return work.call();
        });
    while (!waits(thread)) {
      Thread.sleep(1);
    }
    return result;
  }

  private static boolean waits(Thread[] thread) {
    synchronized (thread) {
      return thread[0] != null
          && (thread[0].getState() == Thread.State.WAITING
              || thread[0].getState() == Thread.State.TIMED_WAITING);
    }
  }

  @Test
  void take_elements_keepsTheirOrderAndTheSizeOfABatch() throws InterruptedException {
    var queue = queue(SOON);
    offer(queue, "a", "b", "c", "d");
    assertThat(batch(queue)).containsExactly("a", "b", "c");
    assertThat(batch(queue)).containsExactly("d");
  }

  @Test
  void take_fullBatch_doesNotWaitLonger() throws InterruptedException, ExecutionException {
    var queue = queue(NEVER);
    Future<List<String>> taken = waiting(() -> batch(queue));
    offer(queue, "a", "b", "c");
    assertThat(taken.get()).containsExactly("a", "b", "c");
  }

  @Test
  void take_urgentElement_doesNotWaitLonger() throws InterruptedException, ExecutionException {
    var queue = queue(NEVER);
    offer(queue, "a");
    Future<List<String>> taken = waiting(() -> batch(queue));
    offer(queue, "urgent");
    assertThat(taken.get()).containsExactly("a", "urgent");
  }

  @Test
  void take_urgentElementOfTheNextBatch_isNotForgotten() throws InterruptedException {
    var queue = queue(NEVER);
    offer(queue, "a", "b", "c", "urgent");
    assertThat(batch(queue)).containsExactly("a", "b", "c");
    assertThat(batch(queue)).containsExactly("urgent");
  }

  @Test
  void take_afterAnUrgentElement_gathersAgain() throws InterruptedException, ExecutionException {
    var queue = queue(NEVER);
    offer(queue, "urgent");
    assertThat(batch(queue)).containsExactly("urgent");
    offer(queue, "a");
    Future<List<String>> taken = waiting(() -> batch(queue));
    assertThat(taken.isDone()).isFalse();
    offer(queue, "b", "c");
    assertThat(taken.get()).containsExactly("a", "b", "c");
  }

  @Test
  void close_whileItGathers_leavesNothing() throws InterruptedException, ExecutionException {
    var queue = queue(NEVER);
    offer(queue, "a");
    Future<List<String>> taken = waiting(() -> batch(queue));
    queue.close();
    assertThat(taken.get()).containsExactly("a");
    assertThat(batch(queue)).isEmpty();
    offer(queue, "late");
    assertThat(batch(queue)).containsExactly("late");
  }

  @Test
  void close_emptyQueue_endsWaiting() throws InterruptedException, ExecutionException {
    var queue = queue(NEVER);
    Future<List<String>> taken = waiting(() -> batch(queue));
    queue.close();
    assertThat(taken.get()).isEmpty();
  }

  @Test
  void offer_fullQueue_waitsForSpaceAndSaysWhereThereIsNone()
      throws InterruptedException, ExecutionException {
    var queue = queue(SOON);
    offer(queue, "a", "b", "c", "d");
    assertThat(queue.offer("e", SOON)).isFalse();
    Future<Boolean> offered = waiting(() -> queue.offer("f", NEVER));
    assertThat(batch(queue)).containsExactly("a", "b", "c");
    assertThat(offered.get()).isTrue();
    assertThat(batch(queue)).containsExactly("d", "f");
  }
}
