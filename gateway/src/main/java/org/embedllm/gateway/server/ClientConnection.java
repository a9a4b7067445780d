package org.embedllm.gateway.server;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import org.embedllm.gateway.upstream.CallGuard;
import org.jspecify.annotations.Nullable;

/// A client's connection, watched while a request is under way.
///
/// The web server reads a connection only between requests, so nobody would notice that a client
/// waiting for its answer has gone. Here a request that takes longer gets a reader of its own: what
/// it reads belongs to the next request and is handed on, and the end of the stream means that the
/// client has closed. The same watch closes connections whose requests trickle in, or whose answers
/// are not taken.
public final class ClientConnection implements ConnectionContext {
  private static final long WATCH_AFTER = Duration.ofMillis(150).toNanos();
  private static final byte[] END = new byte[0];
  private static final int MOST_OLD_HEAD = 16 << 10;

  /// A client this fast or faster has time for a request of any length.
  private static final long SLOWEST_BYTES_PER_SECOND = 64 << 10;

  private final ConnectionContext context;
  private final DataReader reader;
  private final UnchunkedAnswers writer;
  private @Nullable CompletableFuture<byte[]> ahead;
  private byte[] first;
  private boolean begun;
  private @Nullable CallGuard guard;
  private boolean receiving;
  private long receivingSince;
  private long received;
  private long requestSince;
  private boolean complete;
  private boolean writing;
  private long writingSince;
  private Optional<EventWriter> events = Optional.empty();

  ClientConnection(ConnectionContext context) {
    this.context = context;
    DataReader original = context.dataReader();
    this.first = original.available() > 0 ? original.readBytes(original.available()) : END;
    this.receiving = first.length > 0;
    this.receivingSince = System.nanoTime();
    this.reader = DataReader.create(this::read);
    this.writer = new UnchunkedAnswers(context.dataWriter());
  }

  // The supplier's contract: null at the end of the stream.
  @SuppressWarnings("NullAway")
  private byte @Nullable [] read() {
    if (first.length > 0) {
      byte[] bytes = modern(first);
      first = END;
      return bytes;
    }
    byte[] bytes = modern(readAhead().orElseGet(this::readSocket));
    if (bytes.length == 0) {
      return null;
    }
    receive(bytes.length);
    return bytes;
  }

  private synchronized void receive(int count) {
    if (!receiving && guard == null) {
      receiving = true;
      receivingSince = System.nanoTime();
      received = 0;
    }
    received += count;
  }

  /// The bytes; where a connection begins with a request of HTTP 1.0, with that head rewritten.
  private byte[] modern(byte[] bytes) {
    if (begun || bytes.length == 0) {
      return bytes;
    }
    begun = true;
    receive(0);
    byte[] all = bytes;
    while (all.length < MOST_OLD_HEAD
        && (RequestHead.isOld(all).isEmpty()
            || (RequestHead.isOld(all).get() && !RequestHead.isWhole(all)))) {
      byte[] more = readSocket();
      if (more.length == 0) {
        return all;
      }
      int length = all.length;
      all = Arrays.copyOf(all, length + more.length);
      System.arraycopy(more, 0, all, length, more.length);
    }
    if (!RequestHead.isOld(all).orElse(false) || !RequestHead.isWhole(all)) {
      return all;
    }
    writer.begin();
    return RequestHead.modern(all);
  }

  private byte[] readSocket() {
    byte[] bytes = context.serverSocket().get();
    return bytes == null ? END : bytes;
  }

  private Optional<byte[]> readAhead() {
    CompletableFuture<byte[]> future;
    synchronized (this) {
      future = ahead;
      ahead = null;
    }
    if (future == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(future.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new InterruptedIOException("interrupted"));
    } catch (ExecutionException e) {
      return Optional.of(END);
    }
  }

  /// A request's head has arrived.
  public synchronized CallGuard begin() {
    var fresh = new CallGuard();
    guard = fresh;
    requestSince = System.nanoTime();
    complete = false;
    return fresh;
  }

  /// Its body has arrived too.
  public synchronized void bodyRead() {
    receiving = false;
    complete = true;
    requestSince = System.nanoTime();
  }

  /// An answer is to be kept alive, or no more.
  public synchronized void events(Optional<EventWriter> writer) {
    events = writer;
  }

  /// A piece of the answer is on its way.
  public synchronized void writing(boolean now) {
    writing = now;
    writingSince = System.nanoTime();
  }

  /// The answer has been sent.
  public synchronized void end() {
    guard = null;
    receiving = false;
    writing = false;
    complete = false;
  }

  /// The gateway stops: the request under way is to end.
  void stop() {
    synchronized (this) {
      Optional.ofNullable(guard).ifPresent(CallGuard::stop);
    }
  }

  /// Looks at the clock.
  ///
  /// @param requestTime a request must have arrived within this, and a second more for each
  ///   [#SLOWEST_BYTES_PER_SECOND] of its bytes
  /// @param writeTime a client must take a piece of its answer within this
  void check(long now, Duration requestTime, Duration writeTime) {
    boolean close;
    synchronized (this) {
      close =
          (receiving
                  && now - receivingSince
                      > requestTime.plusSeconds(received / SLOWEST_BYTES_PER_SECOND).toNanos())
              || (writing && now - writingSince > writeTime.toNanos());
      events.ifPresent(writer -> writer.check(now));
      if (guard != null) {
        guard.check(now);
        if (complete && ahead == null && now - requestSince > WATCH_AFTER) {
          watch(guard);
        }
      }
    }
    if (close) {
      closeSocket();
    }
  }

  private void watch(CallGuard whose) {
    var future = new CompletableFuture<byte[]>();
    ahead = future;
    Thread.ofVirtual()
        .name("client-watch")
        .start(() -> {
          try {
            byte[] bytes = readSocket();
            future.complete(bytes);
            if (bytes.length == 0) {
              whose.clientGone();
            }
          } catch (RuntimeException e) {
            future.completeExceptionally(e);
            whose.clientGone();
          }
        });
  }

  private void closeSocket() {
    try {
      context.serverSocket().close();
    } catch (UncheckedIOException e) {
      // It was closed by somebody else in the meantime.
      return;
    }
  }

  @Override
  public DataReader dataReader() {
    return reader;
  }

  @Override
  public ListenerContext listenerContext() {
    return context.listenerContext();
  }

  @Override
  public ExecutorService executor() {
    return context.executor();
  }

  @Override
  public DataWriter dataWriter() {
    return writer;
  }

  @Override
  public Router router() {
    return context.router();
  }

  @Override
  public Optional<ProxyProtocolData> proxyProtocolData() {
    return context.proxyProtocolData();
  }

  @Override
  public HelidonSocket serverSocket() {
    return context.serverSocket();
  }

  @Override
  public PeerInfo remotePeer() {
    return context.remotePeer();
  }

  @Override
  public PeerInfo localPeer() {
    return context.localPeer();
  }

  @Override
  public boolean isSecure() {
    return context.isSecure();
  }

  @Override
  public String socketId() {
    return context.socketId();
  }

  @Override
  public String childSocketId() {
    return context.childSocketId();
  }
}
