package org.embedllm.gateway.upstream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.openai.SseEvent;
import org.embedllm.gateway.openai.SseReader;
import org.embedllm.gateway.openai.UpstreamProtocol;
import org.embedllm.gateway.openai.Usage;
import org.embedllm.gateway.upstream.CallGuard.ClientGone;
import org.embedllm.gateway.upstream.UpstreamFailure.Kind;
import tools.jackson.core.JacksonException;

/// A streamed answer of which the first event has been seen and found good.
public final class EventStream implements AutoCloseable {
  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] USAGE = "\"usage\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FINISH = "\"finish_reason\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ERROR = "\"error\"".getBytes(StandardCharsets.US_ASCII);

  private static final Duration PATIENCE = Duration.ofMillis(50);

  private final Upstream upstream;
  private final Exchange exchange;
  private final InputStream in;
  private final SseReader reader;
  private final Optional<UpstreamProtocol.Events> translation;
  private final boolean unchanged;
  private final Deque<SseEvent> translated = new ArrayDeque<>();
  private final CallGuard guard;
  private final Duration idle;
  private final long end;
  private Optional<SseEvent> pending;
  private Optional<Usage> usage = Optional.empty();
  private List<SseEvent> lastInChat = List.of();
  private boolean lastIsUsageOnly;
  private boolean finished; // a choice has said why it ends
  private boolean last; // nothing follows the event that was read
  private boolean done;

  /// Reads the first event. Comments before it are signs of life, for as long as the answer may
  /// take as a whole.
  EventStream(
      Upstream upstream,
      Exchange exchange,
      InputStream in,
      Call.Form form,
      CallGuard guard,
      long firstBy,
      long end)
      throws UpstreamFailure, ClientGone {
    this.upstream = upstream;
    this.exchange = exchange;
    this.in = in;
    this.reader = new SseReader(in);
    this.translation = form.protocol().map(UpstreamProtocol::events);
    this.unchanged = form.unchanged();
    this.guard = guard;
    this.idle = upstream.config().timeouts().idle();
    this.end = end;
    Optional<SseEvent> first = read(firstBy, Kind.MALFORMED);
    while (first.isPresent() && first.get().isComment()) {
      long alive = System.nanoTime() + idle.toNanos();
      first = read(Math.min(Math.max(firstBy, alive), end), Kind.MALFORMED);
    }
    if (first.isEmpty() || done) {
      throw new UpstreamFailure(Kind.MALFORMED, "the stream ended before it began");
    }
    for (SseEvent event : unchanged ? List.copyOf(translated) : List.of(first.get())) {
      requireGood(event);
    }
    this.pending = first;
  }

  private void requireGood(SseEvent first) throws UpstreamFailure {
    byte[] data = first.data();
    Optional<Usage.Answer> answer = Usage.read(data);
    if (answer.isEmpty()) {
      throw new UpstreamFailure(Kind.MALFORMED, "the first event is not a JSON object");
    }
    if (answer.get().error() || isError(first)) {
      UpstreamError said = UpstreamError.of(data, upstream.secrets());
      Kind kind = said.isQuota() ? Kind.NO_QUOTA : Kind.SERVER_ERROR;
      throw UpstreamFailure.said(kind, "the first event is an error", said);
    }
  }

  /// Whether its events are of the client's own API; otherwise they are chunks of a chat.
  public boolean unchanged() {
    return unchanged;
  }

  private static boolean isError(SseEvent event) {
    return event.name().filter("error"::equals).isPresent();
  }

  /// The next event, or a comment; empty after the last event. `[DONE]` is not returned, and may be
  /// missing after a choice has said why it ends.
  ///
  /// @throws UpstreamFailure where the stream breaks off, stalls, or turns into an error
  public Optional<SseEvent> next() throws UpstreamFailure, ClientGone {
    if (pending.isPresent()) {
      Optional<SseEvent> first = pending;
      pending = Optional.empty();
      noteAll(first.get());
      return first;
    }
    long by = Math.min(System.nanoTime() + idle.toNanos(), end);
    Optional<SseEvent> event = read(by, Kind.CUT);
    if (event.isEmpty()) {
      if (!done && !finished) {
        throw new UpstreamFailure(Kind.CUT, "the stream broke off");
      }
      done = true;
      return event;
    }
    if (!event.get().isComment()) {
      noteAll(event.get());
    }
    return event;
  }

  /// Takes down what an event says; of one that goes on unchanged, what its translation says.
  private void noteAll(SseEvent event) throws UpstreamFailure {
    if (!unchanged) {
      lastInChat = List.of(event);
      note(event);
      return;
    }
    lastInChat = List.copyOf(translated);
    translated.clear();
    for (SseEvent chat : lastInChat) {
      if (isDone(chat)) {
        last = true;
      } else {
        note(chat);
      }
    }
    lastIsUsageOnly = false;
  }

  /// What the last returned event says in chunks of a chat completion.
  public List<SseEvent> lastInChat() {
    return lastInChat;
  }

  /// Whether the last returned event has only the usage.
  public boolean lastIsUsageOnly() {
    return lastIsUsageOnly;
  }

  /// Whether the next event probably needs no waiting.
  public boolean ready() {
    return !translated.isEmpty() || reader.ready();
  }

  public Optional<Usage> usage() {
    return usage;
  }

  private Optional<SseEvent> read(long by, Kind otherwise) throws UpstreamFailure, ClientGone {
    done |= last;
    if (done) {
      return Optional.empty();
    }
    if (!translated.isEmpty()) {
      return chat(translated.removeFirst());
    }
    Optional<SseEvent> event = Optional.empty();
    Optional<IOException> broken = Optional.empty();
    guard.arm(by);
    try {
      event = reader.next();
    } catch (IOException e) {
      broken = Optional.of(e);
    } finally {
      guard.disarm();
    }
    if (broken.isPresent()) {
      if (guard.isStopped()) {
        throw new UpstreamFailure(Kind.STOPPED, "the gateway stops");
      }
      throw guard.timedOut()
          ? new UpstreamFailure(Kind.TIMEOUT, "the stream stalled")
          : new UpstreamFailure(otherwise, "the stream broke: " + broken.get().getMessage());
    }
    if (event.isEmpty() || event.get().isComment()) {
      return event;
    }
    if (translation.isEmpty()) {
      return chat(event.get());
    }
    translate(event.get(), otherwise);
    if (unchanged) {
      return event;
    }
    // An event that says nothing in a chat is a sign of life.
    return translated.isEmpty() ? Optional.of(SseEvent.comment()) : chat(translated.removeFirst());
  }

  private void translate(SseEvent event, Kind otherwise) throws UpstreamFailure {
    try {
      translated.addAll(translation.orElseThrow().chat(event));
    } catch (JacksonException e) {
      throw new UpstreamFailure(otherwise, "an event is not JSON");
    }
  }

  private Optional<SseEvent> chat(SseEvent event) {
    done = isDone(event);
    return done ? Optional.empty() : Optional.of(event);
  }

  private static boolean isDone(SseEvent event) {
    return Arrays.equals(event.data(), DONE);
  }

  private void note(SseEvent event) throws UpstreamFailure {
    byte[] data = event.data();
    lastIsUsageOnly = false;
    finished |= saysWhyItEnds(data);
    boolean error = isError(event);
    if (!error && !contains(data, ERROR) && !contains(data, USAGE)) {
      return;
    }
    Optional<Usage.Answer> answer = Usage.read(data);
    if (error || answer.map(Usage.Answer::error).orElse(false)) {
      throw UpstreamFailure.said(
          Kind.CUT,
          "the upstream sent an error into the stream",
          UpstreamError.of(data, upstream.secrets()));
    }
    answer
        .flatMap(Usage.Answer::usage)
        .ifPresent(u -> {
          usage = Optional.of(u);
          lastIsUsageOnly = answer.get().choices() == 0;
        });
  }

  /// Whether `finish_reason` has a text.
  private static boolean saysWhyItEnds(byte[] data) {
    for (int at = indexOf(data, FINISH, 0); at >= 0; at = indexOf(data, FINISH, at + 1)) {
      int value = at + FINISH.length;
      while (value < data.length && (data[value] == ' ' || data[value] == ':')) {
        value++;
      }
      if (value < data.length && data[value] == '"') {
        return true;
      }
    }
    return false;
  }

  private static boolean contains(byte[] data, byte[] word) {
    return indexOf(data, word, 0) >= 0;
  }

  private static int indexOf(byte[] data, byte[] word, int from) {
    outer:
    for (int i = from; i <= data.length - word.length; i++) {
      for (int j = 0; j < word.length; j++) {
        if (data[i + j] != word[j]) {
          continue outer;
        }
      }
      return i;
    }
    return -1;
  }

  /// Ends the upstream's work where it is not at its end.
  @Override
  public void close() {
    if (done) {
      readToTheEnd();
    }
    exchange.close();
  }

  /// Bytes after the last event are mostly available already; once they are read the connection may
  /// serve again.
  private void readToTheEnd() {
    try {
      guard.arm(System.nanoTime() + PATIENCE.toNanos());
      try {
        in.transferTo(OutputStream.nullOutputStream());
      } finally {
        guard.disarm();
      }
    } catch (IOException | ClientGone e) {
      // It is cut then.
      return;
    }
  }
}
