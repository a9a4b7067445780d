package org.embedllm.gateway.upstream;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;

/// A server that answers requests with bytes exactly as told, whether they are HTTP or not.
public final class ScriptedServer implements AutoCloseable {
  /// What it does with the n-th request, counted from 0 over all connections.
  @FunctionalInterface
  public interface Script {
    /// @return whether it goes on reading; otherwise it closes the connection
    boolean answer(int n, OutputStream out) throws IOException;
  }

  private final ServerSocket listening;
  private final Script script;
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger closedByClient = new AtomicInteger();

  public ScriptedServer(ServerSocketFactory sockets, Script script) throws IOException {
    this.listening = sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.script = script;
    Thread.ofVirtual().start(this::accept);
  }

  public ScriptedServer(Script script) throws IOException {
    this(ServerSocketFactory.getDefault(), script);
  }

  public int port() {
    return listening.getLocalPort();
  }

  int connections() {
    return connections.get();
  }

  public int requests() {
    return requests.get();
  }

  int closedByClient() {
    return closedByClient.get();
  }

  /// Closes every connection, as a server does with those that nobody uses.
  void closeConnections() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
    open.clear();
  }

  public static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /// A whole answer with its length.
  public static String json(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(body.length(), body);
  }

  private void accept() {
    while (!listening.isClosed()) {
      next()
          .ifPresent(socket -> {
            connections.incrementAndGet();
            open.add(socket);
            Thread.ofVirtual().start(() -> serve(socket));
          });
    }
  }

  /// Empty at the end of the test.
  private Optional<Socket> next() {
    try {
      return Optional.of(listening.accept());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      boolean more = true;
      while (more) {
        if (!readRequest(in)) {
          closedByClient.incrementAndGet();
          return;
        }
        more = script.answer(requests.getAndIncrement(), socket.getOutputStream());
      }
    } catch (IOException e) {
      closedByClient.incrementAndGet();
    }
  }

  /// The first lines of the requests so far.
  public List<String> requestLines() {
    return List.copyOf(lines);
  }

  /// The bodies of the requests so far.
  public List<String> bodies() {
    return List.copyOf(bodies);
  }

  private boolean readRequest(InputStream in) throws IOException {
    int length = 0;
    String line = line(in);
    if (line.isEmpty()) {
      return false;
    }
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      String lower = header.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring(15).strip());
      }
    }
    lines.add(line);
    bodies.add(new String(in.readNBytes(length), StandardCharsets.UTF_8));
    return true;
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    listening.close();
    closeConnections();
  }
}
