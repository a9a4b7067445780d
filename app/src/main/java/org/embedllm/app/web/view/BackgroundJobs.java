package org.embedllm.app.web.view;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Long computations of a page: each runs once in the background, and its result is kept.
/// Computations of seconds start at once; those of minutes, which use all processors, run one after
/// the other. A failure is reported to the next request, and the one after that starts it again.
/// Safe for several threads.
public final class BackgroundJobs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BackgroundJobs.class);

  private final Map<String, Job> jobs = new ConcurrentHashMap<>();
  private final ReentrantLock turn = new ReentrantLock(true);
  private final ExecutorService workers =
      Executors.newThreadPerTaskExecutor(
          Thread.ofPlatform().daemon().name("page-work-", 0).factory());

  /// Something that takes its time.
  @FunctionalInterface
  public interface Work {
    /// @param step told how far it is
    /// @return what the view shows
    Object compute(Step step) throws Exception;
  }

  /// Is told the progress of a computation. Called by any thread.
  @FunctionalInterface
  public interface Step {
    /// @param doing what is being done
    /// @param fraction done, in [0, 1]
    void at(String doing, double fraction);
  }

  /// A computation failed.
  public static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failed(Throwable cause) {
      super(cause);
    }

    /// What went wrong.
    public Throwable reason() {
      return Optional.ofNullable(getCause()).orElse(this);
    }
  }

  /// The result of a computation, which starts with the first request.
  ///
  /// @param key the computation's name
  /// @return [ViewAnswer.Working] until it is finished
  /// @throws Failed where it failed
  public ViewAnswer ask(String key, Work work) {
    Job job = jobs.computeIfAbsent(key, _ -> new Job());
    synchronized (job) {
      if (!job.begun) {
        job.begun = true;
        workers.execute(() -> job.run(work));
      }
    }
    return job.answer(() -> jobs.remove(key, job));
  }

  /// The same for an expensive computation: of these, one runs at a time, in the order of the
  /// requests.
  public ViewAnswer askInTurn(String key, Work work) {
    return ask(
        key,
        step -> {
          step.at("waiting for other work", 0);
          turn.lockInterruptibly();
          try {
            return work.compute(step);
          } finally {
            turn.unlock();
          }
        });
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }

  private static final class Job {
    private boolean begun;
    private volatile ViewAnswer answer = new ViewAnswer.Working("beginning", 0);
    private volatile @Nullable Throwable failure;

    ViewAnswer answer(Runnable forget) {
      Throwable thrown = failure;
      if (thrown != null) {
        forget.run();
        throw new Failed(thrown);
      }
      return answer;
    }

    void run(Work work) {
      try {
        answer =
            new ViewAnswer.Ready(
                work.compute((doing, fraction) -> {
                  answer = new ViewAnswer.Working(doing, Math.clamp(fraction, 0, 1));
                }));
      } catch (Exception | OutOfMemoryError | StackOverflowError e) {
        LOG.debug("a computation of the page failed", e);
        failure = e;
      }
    }
  }
}
