package org.embedllm.app.web.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BackgroundJobsTest {
  private static ViewAnswer settled(BackgroundJobs background, String key, BackgroundJobs.Work work)
      throws InterruptedException {
    for (int poll = 0; poll < 12_000; poll++) {
      ViewAnswer answer = background.ask(key, work);
      if (!(answer instanceof ViewAnswer.Working)) {
        return answer;
      }
      Thread.sleep(10);
    }
    throw new AssertionError("never done");
  }

  @Test
  void work_askedForByMany_isDoneOnce_andKept() throws InterruptedException {
    AtomicInteger times = new AtomicInteger();
    try (BackgroundJobs background = new BackgroundJobs()) {
      BackgroundJobs.Work work = step -> times.incrementAndGet();
      for (int k = 0; k < 20; k++) {
        background.ask("one", work);
      }
      assertThat(settled(background, "one", work)).isEqualTo(new ViewAnswer.Ready(1));
      assertThat(settled(background, "one", work)).isEqualTo(new ViewAnswer.Ready(1));
    }
  }

  @Test
  void work_underWay_saysHowFarItIs() throws InterruptedException {
    CountDownLatch said = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (BackgroundJobs background = new BackgroundJobs()) {
      BackgroundJobs.Work work =
          step -> {
            step.at("counting", 0.25);
            said.countDown();
            goOn.await();
            return "done";
          };
      background.ask("count", work);
      said.await();
      assertThat(background.ask("count", work)).isEqualTo(new ViewAnswer.Working("counting", 0.25));
      goOn.countDown();
      assertThat(settled(background, "count", work)).isEqualTo(new ViewAnswer.Ready("done"));
    }
  }

  @Test
  void work_thatFailed_saysSoOnce_andIsTriedAgain() throws InterruptedException {
    AtomicInteger times = new AtomicInteger();
    try (BackgroundJobs background = new BackgroundJobs()) {
      BackgroundJobs.Work work =
          step -> {
            if (times.getAndIncrement() == 0) {
              throw new IllegalArgumentException("not yet");
            }
            return "done";
          };
      assertThatThrownBy(() -> settled(background, "late", work))
          .isInstanceOf(BackgroundJobs.Failed.class)
          .cause()
          .hasMessage("not yet");
      assertThat(settled(background, "late", work)).isEqualTo(new ViewAnswer.Ready("done"));
    }
  }

  @Test
  void work_inTurn_waitsForItsLike_andKeepsNobodyElseWaiting() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger underWay = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (BackgroundJobs background = new BackgroundJobs()) {
      BackgroundJobs.Work first =
          step -> {
            most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            begun.countDown();
            goOn.await();
            underWay.decrementAndGet();
            return "first";
          };
      BackgroundJobs.Work second =
          step -> {
            most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            underWay.decrementAndGet();
            return "second";
          };
      background.askInTurn("first", first);
      begun.await();
      background.askInTurn("second", second);
      BackgroundJobs.Work quick = step -> "quick";
      assertThat(settled(background, "quick", quick)).isEqualTo(new ViewAnswer.Ready("quick"));
      assertThat(background.askInTurn("second", second)).isInstanceOf(ViewAnswer.Working.class);
      goOn.countDown();
      assertThat(settled(background, "second", second)).isEqualTo(new ViewAnswer.Ready("second"));
      assertThat(settled(background, "first", first)).isEqualTo(new ViewAnswer.Ready("first"));
      assertThat(most).hasValue(1);
    }
  }
}
