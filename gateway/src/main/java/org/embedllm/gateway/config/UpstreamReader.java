package org.embedllm.gateway.config;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.embedllm.gateway.openai.Api;
import org.embedllm.gateway.openai.Capability;
import org.embedllm.storage.DidYouMean;

/// Reads `upstreams`: the servers behind the gateway.
final class UpstreamReader {
  private UpstreamReader() {}

  static List<UpstreamConfig> upstreams(Section root, Path file) {
    var upstreams = new ArrayList<UpstreamConfig>();
    var seen = new HashMap<String, Integer>();
    for (Section section : root.sections("upstreams")) {
      UpstreamConfig upstream = upstream(section, file);
      upstreams.add(upstream);
      Integer before = seen.putIfAbsent(upstream.model() + " " + upstream.url(), section.line());
      if (before != null && !upstream.model().isEmpty()) {
        section.problem("model", "appears twice with the same url, first on line " + before);
      }
    }
    if (upstreams.isEmpty()) {
      root.problem(
          "upstreams", "needs at least one server: a list of {model, url}; see docs/gateway.md");
    }
    return upstreams;
  }

  private static UpstreamConfig upstream(Section s, Path file) {
    String model = s.required("model", "the model's name in MODEL");
    if (model.startsWith("auto") && (model.length() == 4 || model.charAt(4) == ':')) {
      s.problem("model", "cannot be named auto: that asks the gateway to choose");
    }
    URI url = url(s);
    Optional<Secret> key = key(s, file);
    var config =
        new UpstreamConfig(
            model,
            api(s),
            url,
            s.text("name", model),
            key,
            s.textMap("headers"),
            price(s),
            s.has("context")
                ? OptionalInt.of(s.integer("context", 1, 1, Integer.MAX_VALUE))
                : OptionalInt.empty(),
            abilities(s),
            unsupported(s),
            s.integer("concurrency", 256, 1, 100_000),
            s.integer("queue", 256, 0, 100_000),
            s.has("requestsPerMinute")
                ? OptionalDouble.of(s.number("requestsPerMinute", 1, 0.01, 1e7))
                : OptionalDouble.empty(),
            timeouts(s.section("timeouts")),
            s.flag("streamUsage", true),
            health(s.section("health")),
            circuit(s.section("circuit")));
    s.finish();
    return config;
  }

  private static Api api(Section s) {
    String name = s.text("api", Api.CHAT.key());
    var known = new ArrayList<String>();
    for (Api api : Api.values()) {
      known.add(api.key());
      if (api.key().equals(name)) {
        return api;
      }
    }
    s.problem(
        "api",
        "knows %s; got \"%s\".%s"
            .formatted(String.join(", ", known), name, DidYouMean.hint(name, known)));
    return Api.CHAT;
  }

  private static URI url(Section s) {
    String text = s.required("url", "the server's base URL, such as http://127.0.0.1:8000/v1");
    URI none = URI.create("http://127.0.0.1:1");
    if (text.isEmpty()) {
      return none;
    }
    try {
      URI url = new URI(text.replaceAll("/+$", ""));
      String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
      if (url.getRawUserInfo() != null || url.getRawFragment() != null) {
        s.problem("url", "must not have a user or a fragment; a key belongs into key or headers");
        return none;
      }
      if ((scheme.equals("http") || scheme.equals("https")) && url.getHost() != null) {
        return url;
      }
    } catch (URISyntaxException e) {
      s.problem("url", "is not a URL (" + e.getReason() + "): \"" + text + "\"");
      return none;
    }
    s.problem("url", "must begin with http:// or https:// and name a host; got \"" + text + "\"");
    return none;
  }

  private static Optional<Secret> key(Section s, Path file) {
    if (s.has("key") && s.has("keyFile")) {
      s.problem("keyFile", "and key exclude each other");
    }
    Optional<Secret> inFile =
        s.text("keyFile")
            .flatMap(name -> {
              Path path = ConfigReader.beside(file, name);
              try {
                return Optional.of(new Secret(Files.readString(path).strip()));
              } catch (IOException e) {
                s.problem("keyFile", "cannot be read: " + path);
                return Optional.empty();
              }
            });
    return s.text("key").map(Secret::new).or(() -> inFile);
  }

  private static Optional<UpstreamConfig.Price> price(Section s) {
    if (!s.has("price")) {
      return Optional.empty();
    }
    Section p = s.section("price");
    var price =
        new UpstreamConfig.Price(
            p.number("input", 0, 0, Double.MAX_VALUE),
            p.number("output", 0, 0, Double.MAX_VALUE),
            p.number("call", 0, 0, Double.MAX_VALUE));
    p.finish();
    return Optional.of(price);
  }

  private static Set<Capability> abilities(Section s) {
    if (!s.has("abilities")) {
      return EnumSet.of(Capability.TOOLS, Capability.JSON);
    }
    Map<String, Capability> known = new LinkedHashMap<>();
    for (Capability ability : Capability.values()) {
      known.put(ability.key(), ability);
    }
    var abilities = EnumSet.noneOf(Capability.class);
    for (String word : s.texts("abilities")) {
      Optional<Capability> ability = Optional.ofNullable(known.get(word.toLowerCase(Locale.ROOT)));
      ability.ifPresent(abilities::add);
      if (ability.isEmpty()) {
        s.problem(
            "abilities",
            "knows %s; got \"%s\".%s"
                .formatted(
                    String.join(", ", known.keySet()),
                    word,
                    DidYouMean.hint(word, known.keySet())));
      }
    }
    return abilities;
  }

  private static UpstreamConfig.Unsupported unsupported(Section s) {
    String action = s.text("onUnsupported", "fallback");
    if (!action.equals("fallback") && !action.equals("drop")) {
      s.problem("onUnsupported", "must be fallback or drop; got \"" + action + "\"");
    }
    return new UpstreamConfig.Unsupported(
        Set.copyOf(s.texts("unsupported")), action.equals("drop"));
  }

  private static UpstreamConfig.Timeouts timeouts(Section s) {
    UpstreamConfig.Timeouts d = UpstreamConfig.Timeouts.DEFAULT;
    Duration firstByte = s.positive("firstByte", d.firstByte());
    var timeouts =
        new UpstreamConfig.Timeouts(
            s.positive("connect", d.connect()),
            firstByte,
            s.positive("response", s.has("firstByte") ? firstByte : d.response()),
            s.positive("idle", d.idle()),
            s.positive("total", d.total()));
    s.finish();
    return timeouts;
  }

  private static UpstreamConfig.Health health(Section s) {
    UpstreamConfig.Health d = UpstreamConfig.Health.DEFAULT;
    var health =
        new UpstreamConfig.Health(s.text("path", d.path()), s.duration("interval", d.interval()));
    if (!health.path().startsWith("/")) {
      s.problem("path", "must begin with a slash");
    }
    s.finish();
    return health;
  }

  private static UpstreamConfig.Circuit circuit(Section s) {
    UpstreamConfig.Circuit d = UpstreamConfig.Circuit.DEFAULT;
    int window = s.integer("slidingWindowSize", d.slidingWindowSize(), 1, 10_000);
    int minimum = s.integer("minimumCalls", Math.min(d.minimumCalls(), window), 1, 10_000);
    if (minimum > window) {
      s.problem(
          "minimumCalls",
          "must not be more than slidingWindowSize, which is " + window + "; got " + minimum);
      minimum = window;
    }
    var circuit =
        new UpstreamConfig.Circuit(
            window,
            minimum,
            s.number("failureRate", d.failureRate(), 0.01, 1),
            s.positive("openDuration", d.openDuration()),
            s.integer("halfOpenCalls", d.halfOpenCalls(), 1, 1_000));
    s.finish();
    return circuit;
  }
}
