package org.embedllm.app.web.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BackgroundTest {
  private static Answer settled(Background background, String key, Background.Work work)
      throws InterruptedException {
    for (int poll = 0; poll < 1_000; poll++) {
      Answer answer = background.ask(key, work);
      if (!(answer instanceof Answer.Working)) {
        return answer;
      }
      Thread.sleep(10);
    }
    throw new AssertionError("never done");
  }

  @Test
  void work_askedForByMany_isDoneOnce_andKept() throws InterruptedException {
    AtomicInteger times = new AtomicInteger();
    try (Background background = new Background()) {
      Background.Work work = step -> times.incrementAndGet();
      for (int k = 0; k < 20; k++) {
        background.ask("one", work);
      }
      assertThat(settled(background, "one", work)).isEqualTo(new Answer.Ready(1));
      assertThat(settled(background, "one", work)).isEqualTo(new Answer.Ready(1));
    }
  }

  @Test
  void work_underWay_saysHowFarItIs() throws InterruptedException {
    CountDownLatch said = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (Background background = new Background()) {
      Background.Work work =
          step -> {
            step.at("counting", 0.25);
            said.countDown();
            goOn.await();
            return "done";
          };
      background.ask("count", work);
      said.await();
      assertThat(background.ask("count", work)).isEqualTo(new Answer.Working("counting", 0.25));
      goOn.countDown();
      assertThat(settled(background, "count", work)).isEqualTo(new Answer.Ready("done"));
    }
  }

  @Test
  void work_thatFailed_saysSoOnce_andIsTriedAgain() throws InterruptedException {
    AtomicInteger times = new AtomicInteger();
    try (Background background = new Background()) {
      Background.Work work =
          step -> {
            if (times.getAndIncrement() == 0) {
              throw new IllegalArgumentException("not yet");
            }
            return "done";
          };
      assertThatThrownBy(() -> settled(background, "late", work))
          .isInstanceOf(Background.Failed.class)
          .cause()
          .hasMessage("not yet");
      assertThat(settled(background, "late", work)).isEqualTo(new Answer.Ready("done"));
    }
  }
}
