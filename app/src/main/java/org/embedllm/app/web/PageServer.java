package org.embedllm.app.web;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.Optional;
import org.embedllm.storage.BadInputException;

/// The page's own server, reachable from this machine only.
public final class PageServer implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final int MOST_BYTES = 2 << 20; // of a request

  private final int port;
  private final WebServer server;

  /// @param port 0 for any free one
  public PageServer(int port, PageApi api) {
    this.port = port;
    HttpRouting.Builder routing = HttpRouting.builder();
    Access access = new Access(HOST, true, false, request -> Access.Key.NONE);
    new PageRoutes(api, access, StaticFiles.read(), Optional.empty()).addTo(routing);
    this.server =
        WebServer.builder()
            .host(HOST)
            .port(port)
            .protocolsDiscoverServices(false)
            .featuresDiscoverServices(false)
            .addConnectionSelector(
                Http1ConnectionSelector.builder().config(Http1Config.create()).build())
            .maxPayloadSize(MOST_BYTES)
            .shutdownHook(false)
            .routing(routing)
            .build();
  }

  /// @throws BadInputException where the port is in use
  public void start() {
    requireFree(port);
    server.start();
    if (!server.isRunning()) {
      throw new IllegalStateException("the server could not be started; the log says why");
    }
  }

  /// The server itself would report it with a stack trace.
  private static void requireFree(int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw BadInputException.of(
          "port %d of %s cannot be listened on (%s): choose another with --port, 0 for any free one"
              .formatted(port, HOST, e.getMessage()));
    }
  }

  public URI address() {
    return URI.create("http://" + HOST + ":" + server.port() + "/");
  }

  @Override
  public void close() {
    server.stop();
  }
}
