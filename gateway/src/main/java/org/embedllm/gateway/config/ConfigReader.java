package org.embedllm.gateway.config;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.routing.RoutingPolicies;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.DidYouMean;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads `gateway.yaml`.
public final class ConfigReader {
  private static final int MAX_BYTES = 4 << 20;

  private final Environment environment;

  /// @param environment for `${NAME}` and `${NAME:-otherwise}`
  public ConfigReader(Map<String, String> environment) {
    this.environment = new Environment(environment);
  }

  /// @throws BadInputException naming every problem of the file with its line
  public GatewayConfig read(Path file) {
    var problems = new Problems(file);
    Section root = root(file, problems);
    List<UpstreamConfig> upstreams = UpstreamReader.upstreams(root, file);
    Map<String, List<String>> groups = AccessReader.groups(root, upstreams);
    GatewayConfig config =
        new GatewayConfig(
            AccessReader.listen(root, file),
            upstreams,
            AccessReader.keys(root, upstreams, groups),
            policy(root),
            pacing(root),
            root.number("maxSeconds", Double.POSITIVE_INFINITY, 0.001, Double.MAX_VALUE),
            root.flag("learn", true),
            text(root.section("text")),
            conversations(root.section("conversations")),
            limits(root.section("limits")),
            store(root.section("store")),
            observe(root.section("observe")),
            page(root, file),
            cors(root.section("cors")),
            RolloutReader.read(root, upstreams),
            ShadowReader.read(root.section("shadow")),
            alias(root, upstreams),
            groups,
            cache(root),
            List.of());
    root.finish();
    problems.throwIfAny();
    return config.withWarnings(problems.warnings());
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

  private static RoutingPolicy policy(Section root) {
    String text = root.text("policy", "best");
    Optional<RoutingPolicy> policy = RoutingPolicies.parse(text);
    if (policy.isEmpty()) {
      root.problem("policy", "is wrong: " + RoutingPolicies.problem(text));
    }
    return policy.orElseGet(RoutingPolicy.Best::new);
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
            s.positive("ttl", d.ttl()),
            s.integer("maxSessions", d.maxSessions(), 1, 10_000_000));
    s.finish();
    return rule;
  }

  private static Limits limits(Section s) {
    Limits d = Limits.DEFAULT;
    var limits =
        new Limits(
            s.bytes("maxRequestBytes", d.maxRequestBytes(), 1 << 10, 1 << 30),
            (int) s.bytes("maxHeaderBytes", d.maxHeaderBytes(), 1 << 10, 16 << 20),
            s.integer("maxConcurrentRequests", d.maxConcurrentRequests(), 1, 1_000_000),
            s.integer("maxConnections", d.maxConnections(), 1, 1_000_000),
            s.positive("requestTimeout", d.requestTimeout()),
            s.positive("writeTimeout", d.writeTimeout()),
            s.positive("idleTimeout", d.idleTimeout()),
            s.positive("deadline", d.deadline()),
            s.integer("maxAttempts", d.maxAttempts(), 1, 100),
            s.integer("encodeQueue", d.encodeQueue(), 0, 1_000_000),
            s.integer("promptCacheSize", d.promptCacheSize(), 0, 10_000_000),
            s.duration("gracePeriod", d.gracePeriod()),
            s.duration("keepAlive", d.keepAlive()),
            s.duration("drain", d.drain()),
            s.bytes("maxTotalRequestBytes", d.maxTotalRequestBytes(), 1 << 20, 1L << 40));
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
            s.duration("retention", StoreConfig.DEFAULT.retention()),
            s.flag("required", StoreConfig.DEFAULT.required()));
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

  /// Off where it is not there.
  private static double pacing(Section root) {
    Section s = root.section("pacing");
    double budget = s.number("budget", Double.POSITIVE_INFINITY, 0.01, Double.MAX_VALUE);
    if (root.has("pacing") && budget == Double.POSITIVE_INFINITY) {
      s.problem("budget", "is missing: USD a day, such as pacing: {budget: 20}");
    }
    s.finish();
    return budget;
  }

  private static Optional<CacheConfig> cache(Section root) {
    if (!root.has("cache")) {
      return Optional.empty();
    }
    CacheConfig d = CacheConfig.DEFAULT;
    Section s = root.section("cache");
    var cache =
        new CacheConfig(
            s.positive("ttl", d.ttl()),
            s.bytes("maxBytes", d.maxBytes(), 1 << 10, 1L << 40),
            s.number("maxTemperature", d.maxTemperature(), 0, 2),
            s.flag("tools", d.tools()));
    s.finish();
    return Optional.of(cache);
  }

  private static CorsConfig cors(Section s) {
    var origins = new LinkedHashSet<String>();
    for (String origin : s.texts("origins")) {
      if (!origin.equals("*") && !origin.matches("https?://[^/\\s]+")) {
        s.problem("origins", "must be origins such as https://app.example; got \"" + origin + "\"");
      }
      origins.add(origin);
    }
    s.finish();
    return new CorsConfig(origins);
  }

  private static Map<String, String> alias(Section root, List<UpstreamConfig> upstreams) {
    List<String> models = upstreams.stream().map(UpstreamConfig::model).toList();
    Map<String, String> alias = root.textMap("alias");
    alias.forEach((name, target) -> {
      String policy = target.startsWith("auto:") ? target.substring(5) : "best";
      if (models.contains(name) || name.equals("auto") || name.startsWith("auto:")) {
        root.problem("alias", "must not rename \"" + name + "\", which is a model already");
      } else if (RoutingPolicies.parse(policy).isEmpty()) {
        root.problem("alias", "has \"" + target + "\": " + RoutingPolicies.problem(policy));
      } else if (!target.equals("auto")
          && !target.startsWith("auto:")
          && !models.contains(target)) {
        root.problem(
            "alias",
            "names \"%s\", which no upstream offers.%s"
                .formatted(target, DidYouMean.hint(target, models)));
      }
    });
    return alias;
  }

  /// `off`, or a mapping.
  private static PageConfig page(Section root, Path file) {
    if (root.isScalar("page")) {
      return root.flag("page", true) ? PageConfig.DEFAULT : PageConfig.OFF;
    }
    Section s = root.section("page");
    Optional<Path> dataset = s.text("dataset").map(name -> beside(file, name));
    dataset
        .filter(path -> !Files.exists(path))
        .ifPresent(path -> s.problem("dataset", "is not there: " + path));
    s.finish();
    return new PageConfig(true, dataset);
  }

  /// Paths in a configuration are relative to it.
  static Path beside(Path file, String name) {
    return file.toAbsolutePath().resolveSibling(name).normalize();
  }

  private static Optional<URI> traces(Section s) {
    Optional<String> text = s.text("traces");
    try {
      return text.map(URI::create)
          .filter(
              uri -> uri.getHost() != null && String.valueOf(uri.getScheme()).startsWith("http"))
          .or(() -> notUrl(s, text));
    } catch (IllegalArgumentException e) {
      return notUrl(s, text);
    }
  }

  private static Optional<URI> notUrl(Section s, Optional<String> text) {
    text.ifPresent(
        t -> s.problem("traces", "must be a URL such as http://127.0.0.1:4318; got \"" + t + "\""));
    return Optional.empty();
  }
}
