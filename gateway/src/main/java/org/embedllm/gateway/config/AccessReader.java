package org.embedllm.gateway.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import org.embedllm.routing.RoutingPolicies;
import org.embedllm.storage.DidYouMean;

/// Reads `listen`, `tls` and `keys`: where the gateway can be reached, and by whom.
final class AccessReader {
  private AccessReader() {}

  static ListenConfig listen(Section root, Path file) {
    Section tls = root.section("tls");
    Optional<ListenConfig.Tls> files = Optional.empty();
    if (root.has("tls")) {
      files =
          Optional.of(
              new ListenConfig.Tls(
                  existing(tls, file, "certificate", "a PEM file with the certificate chain"),
                  existing(tls, file, "key", "a PEM file with the private key (PKCS#8)")));
      tls.finish();
    }
    String listen =
        root.text("listen", ListenConfig.DEFAULT.host() + ":" + ListenConfig.DEFAULT.port());
    boolean withoutKeys = root.flag("listenWithoutKeys", false);
    int colon = listen.lastIndexOf(':');
    String host = colon < 0 ? listen : listen.substring(0, colon);
    host = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    int port = -1;
    try {
      port = Integer.parseInt(listen.substring(colon + 1));
    } catch (NumberFormatException e) {
      // Reported below, together with numbers out of range.
      port = -1;
    }
    if (port < 0 || port > 65_535 || host.isEmpty()) {
      root.problem("listen", "must be HOST:PORT such as 127.0.0.1:8080; got \"" + listen + "\"");
      return ListenConfig.DEFAULT;
    }
    return new ListenConfig(host, port, withoutKeys, files);
  }

  private static Path existing(Section section, Path file, String key, String what) {
    Path path = ConfigReader.beside(file, section.required(key, what));
    if (section.has(key) && !Files.isReadable(path)) {
      section.problem(key, "names a file that cannot be read: " + path);
    }
    return path;
  }

  /// @param upstreams whose models a key may name
  static List<KeyConfig> keys(Section root, List<UpstreamConfig> upstreams) {
    List<String> known = new ArrayList<>(upstreams.stream().map(UpstreamConfig::model).toList());
    known.add("auto");
    known.addAll(root.textMap("alias").keySet());
    var keys = new ArrayList<KeyConfig>();
    var names = new TreeSet<String>();
    var hashes = new HashMap<String, String>();
    for (Section s : root.sections("keys")) {
      String name = s.required("name", "who the key belongs to");
      String hash = s.required("sha256", "the hash that `embedllm serve --new-key NAME` prints");
      if (!hash.isEmpty() && !isSha256(hash)) {
        s.problem("sha256", "must be 64 hexadecimal digits, never the key itself");
      }
      if (!name.isEmpty() && !names.add(name)) {
        s.problem("name", "\"" + name + "\" is taken by another key");
      }
      Optional<String> other = Optional.ofNullable(hashes.putIfAbsent(hash, name));
      other
          .filter(o -> !hash.isEmpty())
          .ifPresent(o -> s.problem("sha256", "is the key of \"" + o + "\" too"));
      keys.add(
          new KeyConfig(
              name,
              hash.toLowerCase(Locale.ROOT),
              s.has("requestsPerMinute")
                  ? OptionalDouble.of(s.number("requestsPerMinute", 1, 0.01, 1e7))
                  : OptionalDouble.empty(),
              budget(s),
              models(s, known),
              s.flag("admin", false)));
      s.finish();
    }
    return keys;
  }

  /// Models and policies a key may name.
  private static Set<String> models(Section s, List<String> known) {
    List<String> models = s.texts("models");
    for (String model : models) {
      Optional<String> policy =
          model.startsWith("auto:") ? Optional.of(model.substring(5)) : Optional.empty();
      if (policy.isPresent() && RoutingPolicies.parse(policy.get()).isEmpty()) {
        s.problem("models", "has \"" + model + "\": " + RoutingPolicies.problem(policy.get()));
      } else if (policy.isEmpty() && !known.contains(model)) {
        s.problem(
            "models",
            "has \"%s\", which no upstream offers.%s"
                .formatted(model, DidYouMean.hint(model, known)));
      }
    }
    return Set.copyOf(models);
  }

  private static boolean isSha256(String text) {
    try {
      return HexFormat.of().parseHex(text).length == 32;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Optional<KeyConfig.Budget> budget(Section s) {
    if (!s.has("budget")) {
      return Optional.empty();
    }
    Section b = s.section("budget");
    if (!b.has("usd")) {
      b.problem("usd", "is missing: most that may be spent");
    }
    var budget =
        new KeyConfig.Budget(
            b.number("usd", 0, 0, Double.MAX_VALUE), b.positive("per", Duration.ofDays(1)));
    b.finish();
    return Optional.of(budget);
  }
}
