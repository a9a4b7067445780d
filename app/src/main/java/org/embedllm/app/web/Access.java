package org.embedllm.app.web;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.embedllm.app.web.view.Requester;

/// Who may ask the page.
///
/// A page that listens on this machine alone answers only to the names of this machine: a request
/// for another site whose name points here (DNS rebinding) is refused. Scripts of other sites are
/// refused by the origin that browsers send.
final class Access {
  private static final HeaderName FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
  private static final Set<String> OWN_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

  private final String host;
  private final boolean loopback;
  private final boolean secure;
  private final Function<ServerRequest, Key> keys;

  /// What a request carries.
  ///
  /// @param name of its key; empty where none is needed
  /// @param restricted whether it may use some models only
  record Key(Optional<String> name, boolean restricted) {
    static final Key NONE = new Key(Optional.empty(), false);
  }

  /// @param host where it listens
  /// @param loopback whether that address is this machine only
  /// @param secure whether it speaks TLS
  /// @param keys the key that a request carries; throws where one is needed and is not there
  Access(String host, boolean loopback, boolean secure, Function<ServerRequest, Key> keys) {
    this.host = host.toLowerCase(Locale.ROOT);
    this.loopback = loopback;
    this.secure = secure;
    this.keys = keys;
  }

  /// Lets a request for a file pass.
  ///
  /// @throws PageException where it was sent to another name
  void requireOwnName(ServerRequest request) {
    if (!loopback) {
      return;
    }
    String asked =
        withoutPort(request.headers().first(HeaderNames.HOST).orElse("")).toLowerCase(Locale.ROOT);
    if (!OWN_MACHINE.contains(asked) && !asked.equals(host) && !asked.equals("[" + host + "]")) {
      throw new PageException(
          403,
          "this page listens on this machine only and answers to its own names only",
          "open it as http://127.0.0.1 or http://localhost with its port");
    }
  }

  /// Lets a request for data pass.
  ///
  /// @return who asks
  /// @throws PageException where it comes from another site
  Requester requireAllowed(ServerRequest request) {
    requireOwnName(request);
    String site = request.headers().first(FETCH_SITE).orElse("none");
    if (!site.equals("same-origin") && !site.equals("none")) {
      throw new PageException(403, "other sites may not use this page", "");
    }
    Key key = keys.apply(request);
    return new Requester(
        key.name(),
        key.restricted(),
        (secure ? "https://" : "http://") + request.headers().first(HeaderNames.HOST).orElse(host));
  }

  /// Refuses what names all models to those who may use some only.
  void requireAllModels(Requester requester) {
    if (requester.restricted()) {
      throw new PageException(
          403,
          "this key may use some models only, and this view shows all of them",
          "take a key without a list of models; Playground and Live are open to this one");
    }
  }

  private static String withoutPort(String authority) {
    int bracket = authority.lastIndexOf(']');
    int colon = authority.lastIndexOf(':');
    return colon > bracket ? authority.substring(0, colon) : authority;
  }
}
