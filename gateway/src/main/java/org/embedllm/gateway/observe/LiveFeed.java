package org.embedllm.gateway.observe;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// Decisions as they are made, for listeners, and a summary of the last ones.
///
/// A page shows first what [#recent] and [#summary] say, then follows: it subscribes *before* it
/// asks for them, and passes over decisions it has by their id.
///
/// ```java
/// try (LiveSubscription live = feed.subscribe()) {
///   while (!live.closed()) {
///     Optional<LiveEvent> event = live.next(Duration.ofSeconds(15));
///     write(event.map(LiveJson::of)); // empty: write a comment, so that a dead connection shows
///   }
/// }
/// ```
///
/// All of it is in memory and bounded, filled from the store when the gateway starts. The gateway
/// never waits for a listener. Safe for several threads.
public final class LiveFeed implements CompletedRequest.Listener, AutoCloseable {
  /// Most decisions that are remembered one by one.
  public static final int MOST_RECENT = 1_000;

  private static final int MOST_WAITING = 512;

  private final Clock clock;
  private final boolean prompts;
  private final List<LiveSubscription> listeners = new CopyOnWriteArrayList<>();
  private final Map<String, DecisionRecord> recent = new LinkedHashMap<>();
  private final LiveWindow window = new LiveWindow();
  private final LiveFeedback feedback = new LiveFeedback();
  private final LiveAnswers answers;
  private Instant knownSince;
  private boolean closed;

  /// @param prompts whether prompt text may be shown: only where the store keeps it
  public LiveFeed(Clock clock, boolean prompts) {
    this.clock = clock;
    this.prompts = prompts;
    this.answers = new LiveAnswers(prompts);
    this.knownSince = clock.instant();
  }

  /// Adds decisions from before this process.
  ///
  /// @param past the oldest first
  /// @param since from when on the past is whole
  public synchronized void remember(List<DecisionRecord> past, Instant since) {
    knownSince = since;
    for (DecisionRecord d : past) {
      Instant ended = d.request().request().at().plusMillis((long) d.request().timing().total());
      keep(d, ended);
      d.score().ifPresent(score -> feedback.add(ended, d.id(), d.request().probability(), score));
    }
  }

  @Override
  public void completed(CompletedRequest request) {
    if (request.choice().isEmpty()) {
      return;
    }
    DecisionRecord decision = DecisionRecord.of(request, prompts);
    synchronized (this) {
      keep(decision, clock.instant());
    }
    tellAll(new LiveEvent.Decided(decision));
  }

  /// Feedback that has been kept.
  ///
  /// @param probability with which the model was expected to be right; NaN where nothing was
  ///   forecast
  /// @param score the feedback
  public void scored(String decision, double probability, double score) {
    synchronized (this) {
      feedback.add(clock.instant(), decision, probability, score);
      recent.computeIfPresent(decision, (id, d) -> d.withScore(score));
    }
    tellAll(new LiveEvent.Scored(decision, score));
  }

  /// A vote that has been kept.
  public void voted(String decision, DecisionRecord.Vote vote) {
    synchronized (this) {
      recent.computeIfPresent(decision, (id, d) -> d.withVote(vote));
    }
    tellAll(new LiveEvent.Voted(decision, vote));
  }

  private void keep(DecisionRecord decision, Instant ended) {
    recent.put(decision.id(), decision);
    if (recent.size() > MOST_RECENT) {
      recent.remove(recent.keySet().iterator().next());
    }
    if (decision.request().asked()) {
      window.add(decision.request(), ended);
    }
  }

  private void tellAll(LiveEvent event) {
    for (LiveSubscription listener : listeners) {
      listener.offer(event);
    }
  }

  /// Subscribes to events from now on. The listener closes it.
  public LiveSubscription subscribe() {
    var listener = new LiveSubscription(MOST_WAITING, listeners::remove);
    synchronized (this) {
      if (!closed) {
        listeners.add(listener);
        return listener;
      }
    }
    listener.close();
    return listener;
  }

  /// What the latest answers said.
  public LiveAnswers answers() {
    return answers;
  }

  /// Who follows just now.
  public int listeners() {
    return listeners.size();
  }

  /// The latest decisions with their feedback, the newest first.
  ///
  /// @param most at most [#MOST_RECENT] of them
  public synchronized List<DecisionRecord> recent(int most) {
    var all = new ArrayList<>(recent.values());
    return List.copyOf(all.subList(Math.max(0, all.size() - most), all.size()).reversed());
  }

  /// What happened in the last while.
  ///
  /// @param length of the window, at most a day
  public synchronized LiveSummary summary(Duration length) {
    Instant to = clock.instant();
    Duration most = length.compareTo(LiveWindow.LONGEST) < 0 ? length : LiveWindow.LONGEST;
    Instant asked = to.minus(most);
    Instant from = LiveWindow.floor(asked.isBefore(knownSince) ? knownSince : asked);
    LiveCounts counts = window.since(from);
    return new LiveSummary(
        from,
        to,
        counts.requests,
        counts.errors,
        counts.streamed,
        counts.fellBack,
        counts.cost,
        counts.unpriced,
        counts.shares(),
        counts.fallbacks(),
        counts.steps(),
        window.slices(from, to),
        feedback.since(from));
  }

  /// Ends every subscription.
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    listeners.forEach(LiveSubscription::close);
  }
}
