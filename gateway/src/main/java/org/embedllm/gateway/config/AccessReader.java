package org.embedllm.gateway.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
  ///
  /// @param groups of models
  static List<KeyConfig> keys(
      Section root, List<UpstreamConfig> upstreams, Map<String, List<String>> groups) {
    List<String> known = known(upstreams, root.textMap("alias").keySet(), groups.keySet());
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
              rate(s, "requestsPerMinute"),
              rate(s, "tokensPerMinute"),
              budget(s),
              members(models(s, known), groups),
              s.flag("admin", false),
              s.textMap("metadata"),
              expires(s)));
      s.finish();
    }
    return keys;
  }

  /// What a key may name, beside policies.
  static List<String> known(
      List<UpstreamConfig> upstreams, Set<String> aliases, Set<String> groups) {
    List<String> known = new ArrayList<>(upstreams.stream().map(UpstreamConfig::model).toList());
    known.add("auto");
    known.addAll(aliases);
    known.addAll(groups);
    return known;
  }

  /// What is wrong with a name among a key's models; empty where it is known, or a policy.
  static Optional<String> problem(String model, List<String> known) {
    if (model.startsWith("auto:")) {
      String policy = model.substring("auto:".length());
      return RoutingPolicies.parse(policy).isPresent()
          ? Optional.empty()
          : Optional.of("has \"" + model + "\": " + RoutingPolicies.problem(policy));
    }
    return known.contains(model)
        ? Optional.empty()
        : Optional.of(
            "has \"%s\", which no upstream offers.%s"
                .formatted(model, DidYouMean.hint(model, known)));
  }

  private static OptionalDouble rate(Section s, String key) {
    return s.has(key) ? OptionalDouble.of(s.number(key, 1, 0.01, 1e9)) : OptionalDouble.empty();
  }

  private static Optional<Instant> expires(Section s) {
    Optional<Instant> end = s.text("expires").flatMap(Units::instant);
    if (s.has("expires") && end.isEmpty()) {
      s.problem("expires", "must be a time such as 2027-01-31 or 2027-01-31T12:00:00Z");
    }
    return end;
  }

  /// `modelGroups`: names for several models together.
  static Map<String, List<String>> groups(Section root, List<UpstreamConfig> upstreams) {
    List<String> models = upstreams.stream().map(UpstreamConfig::model).toList();
    Section s = root.section("modelGroups");
    var groups = new LinkedHashMap<String, List<String>>();
    for (String name : s.names()) {
      List<String> members = s.texts(name);
      for (String member : members) {
        if (!models.contains(member)) {
          s.problem(
              name,
              "has \"%s\", which no upstream offers.%s"
                  .formatted(member, DidYouMean.hint(member, models)));
        }
      }
      if (members.isEmpty()) {
        s.problem(name, "has no model");
      }
      if (models.contains(name) || name.startsWith("auto")) {
        s.problem(name, "cannot be the name of a group: it is a model's");
      }
      groups.put(name, members);
    }
    s.finish();
    return groups;
  }

  /// Models with groups replaced by their members.
  static Set<String> members(Set<String> models, Map<String, List<String>> groups) {
    var members = new TreeSet<String>();
    for (String model : models) {
      members.addAll(groups.getOrDefault(model, List.of(model)));
    }
    return members;
  }

  /// Models and policies a key may name.
  private static Set<String> models(Section s, List<String> known) {
    List<String> models = s.texts("models");
    if (s.has("models") && models.isEmpty()) {
      s.problem("models", "has no name; without it, the key may use all");
    }
    for (String model : models) {
      problem(model, known).ifPresent(problem -> s.problem("models", problem));
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
