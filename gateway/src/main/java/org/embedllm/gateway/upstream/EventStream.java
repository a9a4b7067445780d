package org.embedllm.gateway.upstream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.embedllm.gateway.openai.SseReader;
import org.embedllm.gateway.openai.Usage;
import org.embedllm.gateway.upstream.CallGuard.ClientGone;
import org.embedllm.gateway.upstream.UpstreamFailure.Kind;

/// A streamed answer of which the first event has been seen and found good.
public final class EventStream implements AutoCloseable {
  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] USAGE = "\"usage\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ERROR = "\"error\"".getBytes(StandardCharsets.US_ASCII);

  private static final Duration PATIENCE = Duration.ofMillis(50);

  private final Exchange exchange;
  private final InputStream in;
  private final SseReader reader;
  private final CallGuard guard;
  private final Duration idle;
  private final long end;
  private Optional<byte[]> pending;
  private Optional<Usage> usage = Optional.empty();
  private boolean lastIsUsageOnly;
  private boolean done;

  /// Reads the first event.
  EventStream(Exchange exchange, CallGuard guard, long firstBy, Duration idle, long end)
      throws UpstreamFailure, ClientGone {
    this.exchange = exchange;
    this.in = body(exchange);
    this.reader = new SseReader(in);
    this.guard = guard;
    this.idle = idle;
    this.end = end;
    Optional<byte[]> first = read(firstBy, Kind.MALFORMED);
    if (first.isEmpty() || done) {
      throw new UpstreamFailure(Kind.MALFORMED, "the stream ended before it began");
    }
    Optional<Usage.Answer> answer = Usage.read(first.get());
    if (answer.isEmpty()) {
      throw new UpstreamFailure(Kind.MALFORMED, "the first event is not a JSON object");
    }
    if (answer.get().error()) {
      throw new UpstreamFailure(Kind.SERVER_ERROR, "the first event is an error");
    }
    this.pending = first;
  }

  private static InputStream body(Exchange exchange) throws UpstreamFailure {
    try {
      return exchange.body();
    } catch (IOException e) {
      throw new UpstreamFailure(Kind.MALFORMED, "the stream broke: " + e.getMessage());
    }
  }

  /// The next event's data; empty after the last one, `[DONE]`, which is not returned.
  ///
  /// @throws UpstreamFailure where the stream breaks off, stalls, or turns into an error
  public Optional<byte[]> next() throws UpstreamFailure, ClientGone {
    if (pending.isPresent()) {
      Optional<byte[]> first = pending;
      pending = Optional.empty();
      note(first.get());
      return first;
    }
    long by = Math.min(System.nanoTime() + idle.toNanos(), end);
    Optional<byte[]> data = read(by, Kind.CUT);
    if (data.isEmpty()) {
      if (!done) {
        throw new UpstreamFailure(Kind.CUT, "the stream broke off");
      }
      return data;
    }
    note(data.get());
    return data;
  }

  /// Whether the event last returned says nothing but the usage.
  public boolean lastIsUsageOnly() {
    return lastIsUsageOnly;
  }

  /// Whether the next event probably needs no waiting.
  public boolean ready() {
    return reader.ready();
  }

  public Optional<Usage> usage() {
    return usage;
  }

  private Optional<byte[]> read(long by, Kind otherwise) throws UpstreamFailure, ClientGone {
    if (done) {
      return Optional.empty();
    }
    Optional<byte[]> data = Optional.empty();
    Optional<IOException> broken = Optional.empty();
    guard.arm(by);
    try {
      data = reader.next();
    } catch (IOException e) {
      broken = Optional.of(e);
    } finally {
      guard.disarm();
    }
    if (broken.isPresent()) {
      throw guard.timedOut()
          ? new UpstreamFailure(Kind.TIMEOUT, "the stream stalled")
          : new UpstreamFailure(otherwise, "the stream broke: " + broken.get().getMessage());
    }
    if (data.isPresent() && Arrays.equals(data.get(), DONE)) {
      done = true;
      return Optional.empty();
    }
    return data;
  }

  private void note(byte[] data) throws UpstreamFailure {
    lastIsUsageOnly = false;
    boolean error = contains(data, ERROR);
    if (!error && !contains(data, USAGE)) {
      return;
    }
    Optional<Usage.Answer> answer = Usage.read(data);
    if (answer.map(Usage.Answer::error).orElse(false)) {
      throw new UpstreamFailure(Kind.CUT, "the upstream sent an error into the stream");
    }
    answer
        .flatMap(Usage.Answer::usage)
        .ifPresent(u -> {
          usage = Optional.of(u);
          lastIsUsageOnly = answer.get().choices() == 0;
        });
  }

  private static boolean contains(byte[] data, byte[] word) {
    outer:
    for (int i = 0; i <= data.length - word.length; i++) {
      for (int j = 0; j < word.length; j++) {
        if (data[i + j] != word[j]) {
          continue outer;
        }
      }
      return true;
    }
    return false;
  }

  /// Ends the upstream's work where it is not at its end.
  @Override
  public void close() {
    if (done) {
      readToTheEnd();
    }
    exchange.close();
  }

  /// What follows the last event mostly lies ready, and read to its end the connection may serve
  /// again.
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
