package org.embedllm.spring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.embedllm.client.PromptRouter;
import org.embedllm.correctness.Attributes;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.routing.Route;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A router that takes up a new version of its model file. A file that cannot be read changes
/// nothing. Safe for use by several threads.
public final class ReloadingRouter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReloadingRouter.class);

  private final Path file;
  private final Opener opener;
  private final Optional<String> defaultModel;
  private final List<RouteObserver> observers;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final Timer timer = new Timer("embedllm-reload", true);
  private PromptRouter router; // by the lock
  private Version version;
  private volatile Optional<String> problem = Optional.empty();

  /// Opens a model file.
  @FunctionalInterface
  public interface Opener {
    PromptRouter open(Path file) throws IOException;
  }

  private record Version(long bytes, long modified) {}

  /// @param file the model file
  /// @param opener opens it, now and later
  /// @param defaultModel for prompts that are unlike all training questions, where given
  /// @param interval between two looks at the file; 0 for none
  /// @param observers are told of every route
  public ReloadingRouter(
      Path file,
      Opener opener,
      Optional<String> defaultModel,
      Duration interval,
      List<RouteObserver> observers)
      throws IOException {
    this.file = file;
    this.opener = opener;
    this.defaultModel = defaultModel;
    this.observers = List.copyOf(observers);
    this.router = opener.open(file);
    this.version = version();
    if (interval.isPositive()) {
      long millis = Math.max(1, interval.toMillis());
      timer.schedule(
          new TimerTask() {
            @Override
            public void run() {
              reload();
            }
          },
          millis,
          millis);
    }
  }

  /// Which model should answer, among all of the file.
  public Route route(String prompt) {
    return route(prompt, models(), Attributes.NONE);
  }

  /// Which model should answer.
  ///
  /// @param availableModels some of [#models()], at least one
  /// @param known of the prompt beside its text
  public Route route(String prompt, Collection<String> availableModels, Attributes known) {
    long start = System.nanoTime();
    Route route = toDefault(locked(() -> router.route(prompt, availableModels, known)));
    Duration duration = Duration.ofNanos(System.nanoTime() - start);
    observers.forEach(observer -> observer.routed(route, duration));
    return route;
  }

  private Route toDefault(Route route) {
    if (!route.abstained() || defaultModel.isEmpty() || route.model().equals(defaultModel.get())) {
      return route;
    }
    List<Route.Candidate> ranking = new ArrayList<>(route.ranking());
    for (Route.Candidate candidate : route.ranking()) {
      if (candidate.model().equals(defaultModel.get())) {
        ranking.remove(candidate);
        ranking.addFirst(candidate);
        String reason =
            "the prompt is unlike the training questions, so it goes to the default model";
        return new Route(candidate.model(), reason, ranking, true);
      }
    }
    return route;
  }

  /// Names of the models, in the order of the file.
  public List<String> models() {
    return locked(() -> router.models());
  }

  /// Name of the encoder.
  public String encoder() {
    return locked(() -> router.pool().encoder().identity().name());
  }

  /// Takes in how well a model answered a prompt; a reload forgets it.
  ///
  /// @param score 1 for a right answer, 0 for a wrong one, or between
  /// @return whether it had an effect: see [org.embedllm.client.EmbedLlm#learn(String, String,
  ///   double)]
  /// @throws org.embedllm.storage.BadInputException where the pool learned from votes, among others
  public boolean learn(String prompt, String model, double score) {
    return locked(() -> router.pool().learn(prompt, model, score));
  }

  /// Takes in a vote: which of two models answered a prompt better; a reload forgets it.
  ///
  /// @return whether it had an effect: see [org.embedllm.client.EmbedLlm#learnVote]
  public boolean learnVote(String prompt, String better, String worse) {
    return locked(() -> router.pool().learnVote(prompt, better, worse));
  }

  /// What the probabilities of its routes are: of a right answer, or, where the pool learned from
  /// votes, of being preferred over an average model of the pool.
  public ForecastQuantity quantity() {
    return locked(() -> router.quantity());
  }

  /// Why the file's last version was not taken up, where it was not.
  public Optional<String> problem() {
    return problem;
  }

  /// Looks at the file, and opens it where it has changed.
  public synchronized void reload() {
    try {
      Version found = version();
      if (found.equals(version)) {
        return;
      }
      PromptRouter next = opener.open(file);
      version = found;
      PromptRouter last;
      lock.writeLock().lock();
      try {
        last = router;
        router = next;
      } finally {
        lock.writeLock().unlock();
      }
      last.close();
      problem = Optional.empty();
      LOG.info("{} was read again: {} models", file, next.models().size());
    } catch (IOException | RuntimeException e) {
      String text = String.valueOf(e.getMessage());
      if (!problem.equals(Optional.of(text))) {
        LOG.warn("the model file has changed and cannot be read; the last version stays: {}", text);
      }
      problem = Optional.of(text);
    }
  }

  private Version version() throws IOException {
    var attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return new Version(attributes.size(), attributes.lastModifiedTime().toMillis());
  }

  private <T> T locked(Supplier<T> read) {
    lock.readLock().lock();
    try {
      return read.get();
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void close() {
    timer.cancel();
    lock.writeLock().lock();
    try {
      router.close();
    } finally {
      lock.writeLock().unlock();
    }
  }
}
