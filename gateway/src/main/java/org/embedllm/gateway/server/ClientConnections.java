package org.embedllm.gateway.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.embedllm.gateway.config.Limits;

/// All clients' connections: makes them watched ones, and looks at each now and then.
public final class ClientConnections implements ServerConnectionSelector {
  private static final int TICK_MILLIS = 50;

  private final ServerConnectionSelector http1;
  private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();

  // Not static: two gateways in one process do not share their connections.
  @SuppressWarnings("ThreadLocalUsage")
  private final ThreadLocal<ClientConnection> own = new ThreadLocal<>();

  private final Supplier<Limits> limits;

  /// @param http1 the web server's own protocol
  /// @param limits in force at the moment
  public ClientConnections(ServerConnectionSelector http1, Supplier<Limits> limits) {
    this.http1 = http1;
    this.limits = limits;
  }

  /// Begins to look.
  public ScheduledFuture<?> watch(ScheduledExecutorService timer) {
    return timer.scheduleWithFixedDelay(
        this::check, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void check() {
    long now = System.nanoTime();
    Limits current = limits.get();
    for (ClientConnection connection : open) {
      connection.check(now, current.requestTimeout(), current.writeTimeout());
    }
  }

  /// Ends what is under way.
  public void stop() {
    open.forEach(ClientConnection::stop);
  }

  public int count() {
    return open.size();
  }

  /// The connection whose request the calling thread serves.
  public ClientConnection current() {
    return own.get();
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http1.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return http1.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http1.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    var client = new ClientConnection(context);
    own.set(client);
    open.add(client);
    return new Watched(http1.connection(client), client);
  }

  private final class Watched implements ServerConnection {
    private final ServerConnection connection;
    private final ClientConnection client;

    Watched(ServerConnection connection, ClientConnection client) {
      this.connection = connection;
      this.client = client;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
      try {
        connection.handle(limit);
      } finally {
        open.remove(client);
      }
    }

    @Override
    public Duration idleTime() {
      return connection.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
      connection.close(interrupt);
    }
  }
}
