package org.embedllm.app.gateway.config;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.storage.BadInputException;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads `gateway.yaml`.
public final class ConfigReader {
  private static final int MAX_BYTES = 4 << 20;

  private final Map<String, String> environment;

  /// @param environment for `${NAME}` and `${NAME:-otherwise}`
  public ConfigReader(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /// @throws BadInputException naming every problem of the file with its line
  public GatewayConfig read(Path file) {
    var problems = new Problems(file);
    Section root = root(file, problems);
    GatewayConfig config =
        new GatewayConfig(
            listen(root, file),
            upstreams(root, file),
            keys(root),
            policy(root),
            root.flag("learn", true),
            text(root.section("text")),
            conversations(root.section("conversations")),
            limits(root.section("limits")),
            store(root.section("store")),
            observe(root.section("observe")));
    root.finish();
    problems.throwIfAny();
    return config;
  }

  private Section root(Path file, Problems problems) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw BadInputException.in(file, "a configuration has at most 4 MiB");
      }
      String text = Files.readString(file);
      LoadSettings settings =
          LoadSettings.builder().setLabel(file.toString()).setMaxAliasesForCollections(20).build();
      Optional<Node> node = new Compose(settings).composeString(text);
      return node.map(n -> Section.of("", n, problems, environment))
          .orElseGet(() -> Section.empty("", 1, problems, environment));
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw BadInputException.at(file, line, "is not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw BadInputException.in(file, "is not YAML: " + e.getMessage());
    } catch (IOException e) {
      throw BadInputException.in(file, "cannot be read: " + e, e);
    }
  }

  private static ListenConfig listen(Section root, Path file) {
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
    Path path = beside(file, section.required(key, what));
    if (section.has(key) && !Files.isReadable(path)) {
      section.problem(key, "names a file that cannot be read: " + path);
    }
    return path;
  }

  /// Paths in a configuration are relative to it.
  private static Path beside(Path file, String name) {
    return file.toAbsolutePath().resolveSibling(name).normalize();
  }

  private static List<UpstreamConfig> upstreams(Section root, Path file) {
    var upstreams = new ArrayList<UpstreamConfig>();
    var seen = new HashMap<String, Integer>();
    for (Section section : root.sections("upstreams")) {
      UpstreamConfig upstream = upstream(section, file);
      upstreams.add(upstream);
      Integer before = seen.putIfAbsent(upstream.model() + " " + upstream.url(), section.line());
      if (before != null && !upstream.model().isEmpty()) {
        section.problem("model", "stands here with the same url twice, first on line " + before);
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
            url,
            s.text("name", model),
            key,
            s.textMap("headers"),
            price(s),
            s.has("context")
                ? OptionalInt.of(s.integer("context", 1, 1, Integer.MAX_VALUE))
                : OptionalInt.empty(),
            abilities(s),
            s.integer("concurrency", 256, 1, 100_000),
            s.integer("queue", 256, 0, 100_000),
            s.has("requestsPerMinute")
                ? OptionalDouble.of(s.number("requestsPerMinute", 1, 0.01, 1e7))
                : OptionalDouble.empty(),
            timeouts(s.section("timeouts")),
            s.flag("streamUsage", true),
            health(s.section("health")));
    s.finish();
    return config;
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
              Path path = beside(file, name);
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

  private static Set<UpstreamConfig.Ability> abilities(Section s) {
    if (!s.has("abilities")) {
      return EnumSet.of(UpstreamConfig.Ability.TOOLS, UpstreamConfig.Ability.JSON);
    }
    var abilities = EnumSet.noneOf(UpstreamConfig.Ability.class);
    for (String word : s.texts("abilities")) {
      switch (word.toLowerCase(Locale.ROOT)) {
        case "tools" -> abilities.add(UpstreamConfig.Ability.TOOLS);
        case "images" -> abilities.add(UpstreamConfig.Ability.IMAGES);
        case "json" -> abilities.add(UpstreamConfig.Ability.JSON);
        default ->
            s.problem(
                "abilities",
                "knows tools, images and json; got \"%s\".%s"
                    .formatted(word, Nearest.hint(word, List.of("tools", "images", "json"))));
      }
    }
    return abilities;
  }

  private static UpstreamConfig.Timeouts timeouts(Section s) {
    UpstreamConfig.Timeouts d = UpstreamConfig.Timeouts.DEFAULT;
    var timeouts =
        new UpstreamConfig.Timeouts(
            positive(s, "connect", d.connect()),
            positive(s, "firstByte", d.firstByte()),
            positive(s, "idle", d.idle()),
            positive(s, "total", d.total()));
    s.finish();
    return timeouts;
  }

  private static UpstreamConfig.Health health(Section s) {
    UpstreamConfig.Health d = UpstreamConfig.Health.DEFAULT;
    var health =
        new UpstreamConfig.Health(s.text("path", d.path()), s.duration("every", d.every()));
    if (!health.path().startsWith("/")) {
      s.problem("path", "must begin with a slash");
    }
    s.finish();
    return health;
  }

  private static List<KeyConfig> keys(Section root) {
    var keys = new ArrayList<KeyConfig>();
    var names = new TreeSet<String>();
    for (Section s : root.sections("keys")) {
      String name = s.required("name", "who the key belongs to");
      String hash = s.required("sha256", "the hash that `embedllm serve --new-key NAME` prints");
      if (!hash.isEmpty() && !isSha256(hash)) {
        s.problem("sha256", "must be 64 hexadecimal digits, never the key itself");
      }
      if (!name.isEmpty() && !names.add(name)) {
        s.problem("name", "\"" + name + "\" is taken by another key");
      }
      keys.add(
          new KeyConfig(
              name,
              hash.toLowerCase(Locale.ROOT),
              s.has("requestsPerMinute")
                  ? OptionalDouble.of(s.number("requestsPerMinute", 1, 0.01, 1e7))
                  : OptionalDouble.empty(),
              budget(s),
              Set.copyOf(s.texts("models"))));
      s.finish();
    }
    return keys;
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
            b.number("usd", 0, 0, Double.MAX_VALUE), positive(b, "per", Duration.ofDays(1)));
    b.finish();
    return Optional.of(budget);
  }

  private static RoutingPolicy policy(Section root) {
    return root.parsed(
        "policy",
        new RoutingPolicy.Best(),
        PolicyName.rule(root.text("policy", "best")),
        PolicyName::parse);
  }

  private static TextRule text(Section s) {
    TextRule d = TextRule.DEFAULT;
    var rule =
        new TextRule(
            s.integer("turns", d.turns(), 1, 1_000),
            s.integer("minCharacters", d.minCharacters(), 0, 100_000),
            s.integer("fenceLines", d.fenceLines(), 0, 1_000_000),
            s.integer("maxCharacters", d.maxCharacters(), 100, 10_000_000),
            s.flag("system", d.system()));
    s.finish();
    return rule;
  }

  private static ConversationRule conversations(Section s) {
    ConversationRule d = ConversationRule.DEFAULT;
    var rule =
        new ConversationRule(
            s.flag("sticky", d.sticky()),
            s.number("switchingCost", d.switchingCost(), 0, 1),
            s.number("cacheDiscount", d.cacheDiscount(), 0, 1),
            positive(s, "remember", d.remember()),
            s.integer("sessions", d.sessions(), 1, 10_000_000));
    s.finish();
    return rule;
  }

  private static Limits limits(Section s) {
    Limits d = Limits.DEFAULT;
    var limits =
        new Limits(
            s.bytes("requestBytes", d.requestBytes()),
            (int) Math.min(16 << 20, s.bytes("headerBytes", d.headerBytes())),
            s.integer("concurrent", d.concurrent(), 1, 1_000_000),
            s.integer("connections", d.connections(), 1, 1_000_000),
            positive(s, "requestTime", d.requestTime()),
            positive(s, "writeTime", d.writeTime()),
            positive(s, "idle", d.idle()),
            positive(s, "deadline", d.deadline()),
            s.integer("attempts", d.attempts(), 1, 100),
            s.integer("encodeQueue", d.encodeQueue(), 0, 1_000_000),
            s.integer("promptCache", d.promptCache(), 0, 10_000_000),
            s.duration("shutdown", d.shutdown()));
    s.finish();
    return limits;
  }

  private static StoreConfig store(Section s) {
    Optional<String> url = s.text("url");
    if (url.isPresent()
        && !url.get().startsWith("jdbc:sqlite:")
        && !url.get().startsWith("jdbc:postgresql:")) {
      s.problem("url", "must begin with jdbc:sqlite: or jdbc:postgresql:");
    }
    var store =
        new StoreConfig(
            url,
            s.text("user"),
            s.text("password").map(Secret::new),
            s.flag("prompts", StoreConfig.DEFAULT.prompts()),
            s.duration("retention", StoreConfig.DEFAULT.retention()));
    s.finish();
    return store;
  }

  private static ObserveConfig observe(Section s) {
    ObserveConfig d = ObserveConfig.DEFAULT;
    String format = s.text("log", "text");
    if (!format.equals("text") && !format.equals("json")) {
      s.problem("log", "must be text or json; got \"" + format + "\"");
    }
    var observe =
        new ObserveConfig(
            format.equals("json"),
            s.flag("prompts", d.prompts()),
            traces(s),
            s.number("sample", d.sample(), 0, 1),
            s.flag("headers", d.headers()));
    s.finish();
    return observe;
  }

  private static Optional<URI> traces(Section s) {
    Optional<String> text = s.text("traces");
    try {
      return text.map(URI::create).filter(uri -> uri.getHost() != null).or(() -> notUrl(s, text));
    } catch (IllegalArgumentException e) {
      return notUrl(s, text);
    }
  }

  private static Optional<URI> notUrl(Section s, Optional<String> text) {
    text.ifPresent(
        t -> s.problem("traces", "must be a URL such as http://127.0.0.1:4318; got \"" + t + "\""));
    return Optional.empty();
  }

  private static Duration positive(Section s, String key, Duration fallback) {
    Duration value = s.duration(key, fallback);
    if (value.isZero()) {
      s.problem(key, "must be longer than nothing");
      return fallback;
    }
    return value;
  }
}
