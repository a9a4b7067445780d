package org.embedllm.app.web;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import org.embedllm.app.cli.JsonOutput;
import org.embedllm.app.cli.OutOfMemory;
import org.embedllm.app.web.StaticFiles.StaticFile;
import org.embedllm.app.web.view.BackgroundJobs;
import org.embedllm.app.web.view.Requester;
import org.embedllm.app.web.view.ViewAnswer;
import org.embedllm.storage.BadInputException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The page over HTTP: its files, its endpoints, and the headers of both.
final class PageRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(PageRoutes.class);
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";
  private static final HeaderName CONTENT_SECURITY_POLICY =
      HeaderNames.create("Content-Security-Policy");
  private static final HeaderName NO_SNIFFING = HeaderNames.create("X-Content-Type-Options");
  private static final HeaderName REFERRER_POLICY = HeaderNames.create("Referrer-Policy");
  private static final HeaderName RESOURCE_POLICY =
      HeaderNames.create("Cross-Origin-Resource-Policy");
  private static final HeaderName OPENER_POLICY = HeaderNames.create("Cross-Origin-Opener-Policy");
  private static final String FOLDER = "/ui/";
  private static final String API = "/ui/api/";
  private static final int WORTH_ZIPPING = 16 << 10; // bytes
  private static final int MOST_BYTES = 1 << 20; // of a request

  private final PageApi api;
  private final Access access;
  private final StaticFiles files;
  private final Optional<LiveView> live;

  /// @param live decisions of the gateway; empty without one
  PageRoutes(PageApi api, Access access, StaticFiles files, Optional<LiveView> live) {
    this.api = api;
    this.access = access;
    this.files = files;
    this.live = live;
  }

  void addTo(HttpRouting.Builder routing) {
    routing.get("/", guarded(this::index));
    routing.route(Method.HEAD, "/", guarded(this::index));
    routing.post(API + "*", guarded(this::post));
    routing.get(API + "*", guarded(this::get));
    routing.get(FOLDER + "*", guarded(this::file));
    routing.route(Method.HEAD, FOLDER + "*", guarded(this::file));
  }

  private Handler guarded(Handler handler) {
    return (request, response) -> {
      response.header(CONTENT_SECURITY_POLICY, POLICY);
      response.header(NO_SNIFFING, "nosniff");
      response.header(REFERRER_POLICY, "no-referrer");
      response.header(RESOURCE_POLICY, "same-origin");
      response.header(OPENER_POLICY, "same-origin");
      try {
        handler.handle(request, response);
      } catch (PageException e) {
        problem(request, response, e.status(), e.message(), e.remedy());
      } catch (BackgroundJobs.Failed e) {
        failed(request, response, e.reason());
      } catch (BadInputException | IllegalArgumentException e) {
        problem(request, response, 400, String.valueOf(e.getMessage()), "");
      } catch (UncheckedIOException | CloseConnectionException e) {
        // The client has left.
        throw e;
      } catch (RuntimeException e) {
        LOG.error("request failed: {}", request.path().path(), e);
        problem(
            request,
            response,
            500,
            "the server failed at this request",
            "its log says why; try again, or restart it");
      }
    };
  }

  /// The result of a background computation.
  private static void failed(ServerRequest request, ServerResponse response, Throwable reason) {
    switch (reason) {
      case BadInputException bad ->
          problem(
              request, response, 400, String.valueOf(bad.getMessage()), "correct it and try again");
      case IllegalArgumentException illegal ->
          problem(request, response, 400, String.valueOf(illegal.getMessage()), "");
      case OutOfMemoryError error -> {
        OutOfMemory end = OutOfMemory.of(error);
        problem(request, response, 500, end.problem(), end.remedy());
      }
      default -> {
        LOG.error("failed: {}", request.path().path(), reason);
        problem(
            request, response, 500, "this could not be computed: " + reason, "the log says more");
      }
    }
  }

  private void index(ServerRequest request, ServerResponse response) {
    access.requireOwnName(request);
    send(request, response, files.index(), false);
  }

  private void file(ServerRequest request, ServerResponse response) {
    access.requireOwnName(request);
    String name = below(FOLDER, request);
    Optional<StaticFiles.Found> found = files.find(name);
    if (found.isEmpty()) {
      throw new PageException(404, "there is no such file", "");
    }
    send(request, response, found.get().file(), found.get().lasting());
  }

  private static void send(
      ServerRequest request, ServerResponse response, StaticFile file, boolean lasting) {
    boolean zip = takesGzip(request);
    String tag = "\"" + file.tag() + (zip ? "-gz" : "") + "\"";
    response.header(HeaderNames.ETAG, tag);
    response.header(HeaderNames.VARY, "Accept-Encoding");
    response.header(
        HeaderNames.CACHE_CONTROL, lasting ? "public, max-age=31536000, immutable" : "no-cache");
    if (request.headers().first(HeaderNames.IF_NONE_MATCH).filter(tag::equals).isPresent()) {
      response.status(304).send();
      return;
    }
    response.header(HeaderNames.CONTENT_TYPE, file.type());
    if (zip) {
      response.header(HeaderNames.CONTENT_ENCODING, "gzip");
    }
    byte[] bytes = (zip ? file.zipped() : file.plain()).shared();
    if (request.prologue().method().equals(Method.HEAD)) {
      response.contentLength(bytes.length);
      response.send();
    } else {
      response.send(bytes);
    }
  }

  private void get(ServerRequest request, ServerResponse response) {
    Requester requester = access.requireAllowed(request);
    String path = below(API, request);
    if (live.isPresent() && path.equals("live")) {
      live.get().follow(response, requester);
    } else if (live.isPresent() && path.equals("live/summary")) {
      json(request, response, 200, live.get().summary(query(request), requester));
    } else if (live.isPresent() && path.equals("live/decision")) {
      json(request, response, 200, live.get().decision(query(request), requester));
    } else if (live.isPresent() && path.equals("live/traffic")) {
      json(request, response, 200, live.get().traffic(requester));
    } else {
      if (!path.equals(PageApi.OVERVIEW)) {
        access.requireAllModels(requester);
      }
      answer(request, response, api.get(path, query(request)));
    }
  }

  private void post(ServerRequest request, ServerResponse response) {
    Requester requester = access.requireAllowed(request);
    String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
    if (!type.startsWith("application/json")) {
      throw new PageException(415, "a request's body is application/json", "");
    }
    String path = below(API, request);
    answer(request, response, api.post(path, body(request), requester));
  }

  /// What follows a folder in the address; a route also takes the folder without its slash.
  private static String below(String folder, ServerRequest request) {
    String path = request.path().path();
    return path.startsWith(folder) ? path.substring(folder.length()) : "";
  }

  private static PageApi.Query query(ServerRequest request) {
    return name -> request.query().first(name).asOptional();
  }

  private static byte[] body(ServerRequest request) {
    if (request.headers().contentLength().orElse(0) > MOST_BYTES) {
      throw tooLarge();
    }
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    try (InputStream in = request.content().inputStream()) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw tooLarge();
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PageException tooLarge() {
    return new PageException(413, "a request has at most 1 MiB", "shorten the prompt");
  }

  private static void answer(ServerRequest request, ServerResponse response, ViewAnswer answer) {
    switch (answer) {
      case ViewAnswer.Ready ready -> json(request, response, 200, ready.document());
      case ViewAnswer.Working working ->
          json(
              request,
              response,
              202,
              Map.of("status", "working", "step", working.step(), "fraction", working.fraction()));
      case ViewAnswer.Unavailable not ->
          json(
              request,
              response,
              200,
              Map.of(
                  "status",
                  "unavailable",
                  "reason",
                  not.reason(),
                  "advice",
                  not.advice(),
                  "remedy",
                  not.remedy()));
    }
  }

  private static void problem(
      ServerRequest request, ServerResponse response, int status, String message, String remedy) {
    if (status == 401) {
      response.header(HeaderNames.WWW_AUTHENTICATE, "Bearer");
    }
    json(request, response, status, Map.of("error", Map.of("message", message, "remedy", remedy)));
  }

  private static void json(
      ServerRequest request, ServerResponse response, int status, Object document) {
    byte[] bytes = JsonOutput.bytes(document);
    response.status(status);
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    if (bytes.length >= WORTH_ZIPPING && takesGzip(request)) {
      response.header(HeaderNames.CONTENT_ENCODING, "gzip");
      bytes = Gzip.fast(bytes);
    }
    response.send(bytes);
  }

  private static boolean takesGzip(ServerRequest request) {
    return request
        .headers()
        .first(HeaderNames.ACCEPT_ENCODING)
        .filter(accepted -> accepted.contains("gzip"))
        .isPresent();
  }
}
