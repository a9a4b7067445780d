package org.embedllm.gateway.server;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.tls.Tls;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.config.Limits;
import org.embedllm.gateway.config.ListenConfig;
import org.embedllm.storage.BadInputException;

/// The web server's own settings, and the address it listens on.
public final class WebServers {
  private static final Duration IDLE_CHECK = Duration.ofSeconds(10);

  private WebServers() {}

  /// @param routing what it serves
  public static WebServer server(
      GatewayConfig config,
      HttpRouting.Builder routing,
      ClientConnections connections,
      ProtocolErrors errors) {
    ListenConfig listen = config.listen();
    Limits limits = config.limits();
    WebServerConfig.Builder builder =
        WebServer.builder()
            .host(listen.host())
            .port(listen.port())
            .contentEncoding(new UndecodedBodies())
            .protocolsDiscoverServices(false)
            .featuresDiscoverServices(false)
            .addConnectionSelector(connections)
            .maxPayloadSize(limits.maxRequestBytes())
            .maxTcpConnections(limits.maxConnections())
            .concurrencyLimit(FixedLimit.create(l -> l.permits(0)))
            .idleConnectionTimeout(limits.idleTimeout())
            .idleConnectionPeriod(sooner(limits.idleTimeout()))
            .shutdownGracePeriod(limits.gracePeriod())
            .shutdownHook(false)
            .backlog(1_024)
            .errorHandling(ErrorHandling.builder().includeEntity(true).build())
            .directHandlers(errors.everywhere())
            .routing(routing);
    listen.tls().ifPresent(tls -> builder.tls(tls(tls)).useNio(false));
    return builder.build();
  }

  /// Where the address cannot be listened on, the web server would only log it, and go on without.
  public static void requireFree(ListenConfig listen) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(listen.host(), listen.port()));
    } catch (IOException e) {
      throw unusable(listen, String.valueOf(e.getMessage()));
    }
  }

  public static BadInputException unusable(ListenConfig listen, String why) {
    return BadInputException.of(
        "listen %s:%d cannot be used: %s".formatted(listen.host(), listen.port(), why));
  }

  /// How often idle connections are looked for.
  private static Duration sooner(Duration idle) {
    Duration half = idle.dividedBy(2);
    return half.compareTo(IDLE_CHECK) < 0 ? half : IDLE_CHECK;
  }

  private static Tls tls(ListenConfig.Tls files) {
    return Tls.builder().sslContext(PemContext.read(files.certificate(), files.key())).build();
  }
}
