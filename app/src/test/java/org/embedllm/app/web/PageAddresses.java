package org.embedllm.app.web;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.embedllm.app.fuzz.FuzzTarget;

/// Requests for any address of the page, sent byte by byte as no browser would, and any body.
public final class PageAddresses {
  private static final int LONGEST = 1 << 12; // bytes of a request's first line
  private static final int PATIENCE = 20_000; // milliseconds

  private PageAddresses() {}

  /// Started by the first request; ends with the process.
  private static final class Served {
    static final ExploreServer PAGE = ExploreServer.invented(InventedSpace.of(12));
  }

  /// The page answers any address, and never with a failure of the server.
  public static FuzzTarget target() {
    return new FuzzTarget(
        "page-address",
        (folder, bytes) -> ask(bytes),
        Stream.of(
                "/ui/api",
                "/ui/api/overview",
                "/ui/api/examples",
                "/ui/api/models/3",
                "/ui/api/compare?ids=1,2",
                "/ui/api/map?projection=pca",
                "/ui/api/map?projection=umap",
                "/ui/api/evaluation?split=val",
                "/ui/api/costs",
                "/ui/api/benchmarks",
                "/ui/api/contributions",
                "/ui/api/communities",
                "/ui/../%2e%2e/app.js",
                "/?view=map&select=1%2C2")
            .map(address -> address.getBytes(StandardCharsets.US_ASCII))
            .toList());
  }

  private static void ask(byte[] address) throws IOException {
    URI page = Served.PAGE.address();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), page.getPort())) {
      socket.setSoTimeout(PATIENCE);
      socket.getOutputStream().write(request(address, page));
      requireNoFailure(socket);
    }
  }

  /// The page answers any body of a question, and never with a failure of the server.
  public static FuzzTarget bodies() {
    return FuzzTarget.ofTexts(
        "page-body",
        (folder, bytes) -> post(bytes),
        "{\"prompt\": \"a question of law\", \"policy\": \"cheapest@0.8\", \"sequence\": 3}",
        "{\"prompt\": \"logic\", \"policy\": \"dial@0.4\"}");
  }

  private static void post(byte[] body) throws IOException {
    URI page = Served.PAGE.address();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), page.getPort())) {
      socket.setSoTimeout(PATIENCE);
      String head =
          "POST /ui/api/playground HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
              .formatted(page.getAuthority(), body.length);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(body);
      requireNoFailure(socket);
    }
  }

  private static void requireNoFailure(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    String start = new String(in.readNBytes(12), StandardCharsets.ISO_8859_1);
    if (start.startsWith("HTTP/1.1 5")) {
      throw new IllegalStateException("the page answers " + start);
    }
  }

  private static byte[] request(byte[] address, URI page) {
    String path =
        new String(address, 0, Math.min(address.length, LONGEST), StandardCharsets.ISO_8859_1)
            .replaceAll("[\r\n]", "");
    return ("GET "
            + path
            + " HTTP/1.1\r\nHost: "
            + page.getAuthority()
            + "\r\nConnection: close\r\n\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }
}
