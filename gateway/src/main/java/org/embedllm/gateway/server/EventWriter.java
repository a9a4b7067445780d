package org.embedllm.gateway.server;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.embedllm.gateway.openai.SseEvent;

/// Events to a client. In long silence it sends comments, so that proxies on the way keep the
/// connection; also before the first event, which then begins the answer. Safe for several threads.
public final class EventWriter {
  private static final byte[] EVENT = "event: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] COMMENT = ": keep-alive\n\n".getBytes(StandardCharsets.US_ASCII);

  private final ServerResponse response;
  private final ClientConnection connection;
  private final Duration silence;
  private final ReentrantLock lock = new ReentrantLock();
  private Optional<OutputStream> out = Optional.empty();
  private long last = System.nanoTime();
  private boolean ended;

  /// @param silence after which a comment is sent; zero for never
  public EventWriter(ServerResponse response, ClientConnection connection, Duration silence) {
    this.response = response;
    this.connection = connection;
    this.silence = silence;
  }

  /// Does something where the answer has not begun yet, such as setting headers.
  ///
  /// @return whether it was done
  public boolean beforeBegin(Runnable work) {
    lock.lock();
    try {
      if (out.isEmpty()) {
        work.run();
      }
      return out.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /// One event in one piece, so that it is one chunk of the answer.
  ///
  /// @param flush whether nothing follows at once
  public void write(SseEvent event, boolean flush) throws IOException {
    if (event.isComment()) {
      send(COMMENT, flush);
      return;
    }
    byte[] data = event.data();
    var bytes = new ByteArrayOutputStream(data.length + 32);
    event
        .name()
        .ifPresent(name -> {
          bytes.writeBytes(EVENT);
          bytes.writeBytes(name.getBytes(StandardCharsets.UTF_8));
          bytes.write('\n');
        });
    int from = 0;
    for (int i = 0; i <= data.length; i++) {
      if (i == data.length || data[i] == '\n') {
        bytes.writeBytes(DATA);
        bytes.write(data, from, i - from);
        bytes.write('\n');
        from = i + 1;
      }
    }
    bytes.write('\n');
    send(bytes.toByteArray(), flush);
  }

  /// @param flush whether nothing follows at once
  public void writeAll(List<SseEvent> events, boolean flush) throws IOException {
    for (int i = 0; i < events.size(); i++) {
      write(events.get(i), flush && i == events.size() - 1);
    }
  }

  private void send(byte[] bytes, boolean flush) throws IOException {
    lock.lock();
    try {
      OutputStream to = out.orElseGet(this::begin);
      connection.writing(true);
      to.write(bytes);
      if (flush) {
        to.flush();
      }
      connection.writing(false);
      last = System.nanoTime();
    } finally {
      lock.unlock();
    }
  }

  private OutputStream begin() {
    response.header(HeaderValues.create(HeaderNames.CONTENT_TYPE, "text/event-stream"));
    response.header(HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-cache"));
    response.header(HeaderValues.create("x-accel-buffering", "no"));
    OutputStream begun = response.outputStream();
    out = Optional.of(begun);
    return begun;
  }

  /// Looks at the clock; never waits.
  void check(long now) {
    if (silence.isZero() || !lock.tryLock()) {
      return;
    }
    try {
      if (!ended && now - last > silence.toNanos()) {
        Thread.ofVirtual().name("keep-alive").start(this::keepAlive);
      }
    } finally {
      lock.unlock();
    }
  }

  private void keepAlive() {
    lock.lock();
    try {
      if (!ended && System.nanoTime() - last > silence.toNanos()) {
        send(COMMENT, true);
      }
    } catch (IOException e) {
      // The watch of the connection notices too that the client has gone.
      ended = true;
    } finally {
      lock.unlock();
    }
  }

  /// No comments any more.
  ///
  /// @return whether the answer has begun
  public boolean end() {
    lock.lock();
    try {
      ended = true;
      return out.isPresent();
    } finally {
      lock.unlock();
    }
  }

  /// Ends the answer, where it has begun.
  public void close() throws IOException {
    if (end()) {
      out.orElseThrow().close();
    }
  }
}
