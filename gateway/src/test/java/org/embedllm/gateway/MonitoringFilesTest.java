package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The dashboard and the alert rules of the documentation, against the names on `/metrics`.
@Tag("server")
class MonitoringFilesTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern SAMPLE = Pattern.compile("^(\\w+)(?:\\{(.*)})? \\S+$");
  private static final Pattern SELECTOR =
      Pattern.compile("([a-z_][a-z0-9_]*)(?:\\{([^}]*)})?(?![a-z0-9_]| *\\()");
  private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]\\w*)(?:=~|!~|!=|=)\"");
  private static final Pattern GROUPING = Pattern.compile("\\bby ?\\(([^)]*)\\)");
  private static final Pattern SHOWN = Pattern.compile("\\{\\{ ?(?:\\$labels\\.)?(\\w+) ?}}");

  @TempDir private Path folder;
  private StubUpstream a;
  private StubUpstream b;
  private String scraped = "";

  /// An expression of PromQL, and the labels that its legend or its text shows.
  private record Query(String expression, String shown) {}

  @BeforeEach
  void scrape() throws IOException {
    a = new StubUpstream("a").mood(StubUpstream.Mood.BROKEN);
    b = new StubUpstream("b");
    String cold =
        GatewayFixture.chat("auto", "q").replace("{\"model\"", "{\"temperature\":0,\"model\"");
    String yaml =
        "cache: {}\n"
            + GatewayFixture.upstreams(GatewayFixture.of(a, b))
                .replace("health:", "price: {input: 1000, output: 1000}, health:");
    try (var gateway =
        new GatewayFixture(new FakeForecaster().with("a", 0.9).with("b", 0.6), folder, yaml)) {
      String decision =
          gateway
              .post("/v1/chat/completions", cold)
              .headers()
              .firstValue("x-embedllm-decision")
              .orElseThrow();
      gateway.post("/v1/chat/completions", cold);
      gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "q"));
      gateway.post("/v1/feedback", "{\"decision\":\"" + decision + "\",\"score\":1}");
      scraped = gateway.get("/metrics").body();
    }
  }

  @AfterEach
  void close() {
    a.close();
    b.close();
  }

  @Test
  void dashboard_metricsAndLabelsOfEveryPanel_exist() throws IOException {
    JsonNode root = GatewayFixture.json(Files.readString(DOCS.resolve("grafana-dashboard.json")));
    List<Query> queries =
        root.path("panels")
            .valueStream()
            .flatMap(panel -> panel.path("targets").valueStream())
            .map(t -> new Query(t.path("expr").asString(), t.path("legendFormat").asString("")))
            .toList();
    assertThat(queries).hasSizeGreaterThan(10);
    assertThat(unknown(queries)).isEmpty();
  }

  @Test
  void alertRules_metricsAndLabelsOfEveryRule_exist() throws IOException {
    Object loaded =
        new Load(LoadSettings.builder().build())
            .loadFromString(Files.readString(DOCS.resolve("alert-rules.yml")));
    JsonNode root = new JsonMapper().valueToTree(loaded);
    List<Query> queries =
        root.path("groups")
            .valueStream()
            .flatMap(group -> group.path("rules").valueStream())
            .map(r -> new Query(r.path("expr").asString(), r.path("annotations").toString()))
            .toList();
    assertThat(queries).hasSizeGreaterThan(5);
    assertThat(unknown(queries)).isEmpty();
  }

  @Test
  void everyMetric_hasAHelpOfItsOwn() {
    Map<String, String> helps = new HashMap<>();
    List<String> typed = new ArrayList<>();
    for (String line : scraped.lines().toList()) {
      String[] words = line.split(" ", 4);
      if (line.startsWith("# HELP ")) {
        helps.put(words[2], words.length > 3 ? words[3] : "");
      } else if (line.startsWith("# TYPE ")) {
        typed.add(words[2]);
      }
    }
    assertThat(typed)
        .hasSizeGreaterThan(30)
        .allSatisfy(name -> {
          assertThat(helps).containsKey(name);
          assertThat(helps.get(name)).contains(" ").isNotEqualTo(name);
        });
  }

  /// What queries name and no sample has.
  private List<String> unknown(List<Query> queries) {
    Map<String, Set<String>> labels = new HashMap<>();
    for (String line : scraped.lines().toList()) {
      Matcher sample = SAMPLE.matcher(line);
      if (!line.startsWith("#") && sample.matches()) {
        labels
            .computeIfAbsent(sample.group(1), name -> new HashSet<>())
            .addAll(found(LABEL, sample.group(2) == null ? "" : sample.group(2)));
      }
    }
    return queries.stream().flatMap(query -> unknown(query, labels)).toList();
  }

  private static Stream<String> unknown(Query query, Map<String, Set<String>> labels) {
    Set<String> grouping = new HashSet<>();
    for (String list : found(GROUPING, query.expression())) {
      grouping.addAll(List.of(list.split(", ?")));
    }
    String rest = GROUPING.matcher(query.expression()).replaceAll("").replaceAll("\\[\\w+]", "");
    var unknown = new ArrayList<String>();
    Matcher selector = SELECTOR.matcher(rest);
    int metrics = 0;
    while (selector.find()) {
      metrics++;
      Set<String> has = labels.getOrDefault(selector.group(1), Set.of());
      if (!labels.containsKey(selector.group(1))) {
        unknown.add(selector.group(1));
      }
      Set<String> named = new HashSet<>(grouping);
      named.addAll(found(LABEL, selector.group(2) == null ? "" : selector.group(2)));
      Set<String> shown = found(SHOWN, query.shown());
      named.addAll(shown);
      named.stream().filter(l -> !has.contains(l)).forEach(unknown::add);
      if (rest.contains("sum")) {
        shown.stream().filter(l -> !grouping.contains(l)).forEach(unknown::add);
      }
    }
    return metrics == 0 ? Stream.of("no metric in " + query.expression()) : unknown.stream();
  }

  private static Set<String> found(Pattern pattern, String text) {
    Set<String> found = new HashSet<>();
    pattern.matcher(text).results().forEach(m -> found.add(m.group(1)));
    return found;
  }
}
