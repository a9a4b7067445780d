package org.embedllm.gateway.server;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.embedllm.gateway.config.CorsConfig;

/// What a gateway without keys that listens on this machine alone answers to.
///
/// Any web page could send it requests from the owner's browser, and could read the answers where
/// its own name was made to point here (DNS rebinding). So it answers to the names of this machine
/// only, and not to pages of other origins unless the configuration names them.
final class CrossSitePolicy {
  private static final Set<String> OWN_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

  private CrossSitePolicy() {}

  /// What a browser says of a request.
  ///
  /// @param host the `Host` header
  /// @param origin the `Origin` header
  /// @param site `Sec-Fetch-Site`
  /// @param navigation whether somebody opens it in a window of its own
  record Source(
      Optional<String> host, Optional<String> origin, Optional<String> site, boolean navigation) {}

  /// Why a request is refused; empty where it is not.
  ///
  /// @param listenHost the name or address it listens on
  static Optional<String> refusal(Source source, String listenHost, CorsConfig cors) {
    String authority = source.host().orElse("localhost").toLowerCase(Locale.ROOT);
    String host = withoutPort(authority);
    String own = listenHost.toLowerCase(Locale.ROOT);
    if (!OWN_MACHINE.contains(host) && !host.equals(own) && !host.equals("[" + own + "]")) {
      return Optional.of(
          "without keys, this gateway answers to the names of its own machine only, such as"
              + " http://127.0.0.1 or http://localhost with its port");
    }
    if (source.origin().isPresent()) {
      String origin = source.origin().get().toLowerCase(Locale.ROOT);
      boolean same = origin.equals("http://" + authority) || origin.equals("https://" + authority);
      return same || cors.allows(source.origin().get())
          ? Optional.empty()
          : Optional.of(
              "without keys, this gateway does not answer to pages of "
                  + origin
                  + "; cors.origins in its configuration can name it");
    }
    String site = source.site().orElse("none");
    boolean foreign = !site.equals("none") && !site.equals("same-origin");
    return foreign && !source.navigation()
        ? Optional.of("without keys, this gateway does not answer to pages of other sites")
        : Optional.empty();
  }

  private static String withoutPort(String authority) {
    int bracket = authority.lastIndexOf(']');
    int colon = authority.lastIndexOf(':');
    return colon > bracket ? authority.substring(0, colon) : authority;
  }
}
