package org.embedllm.app.ask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.embedllm.app.web.Browser;
import org.embedllm.app.web.BrowserTab;
import org.embedllm.gateway.observe.DecisionRecord;
import org.embedllm.gateway.store.DecisionLog;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// From no data to a router that is switched on, as processes: ask all models, train, serve a dry
/// run, compare in the shadow, replay, canary, on. The models are simulated, so the truth is known.
@Tag("process")
@Tag("browser")
class NoLogsProcessTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int PROMPTS = 150; // asked first
  private static final int TRAFFIC = 240; // questions in each phase
  private static final List<String> MODELS = List.of("adder", "chemist", "traveller", "guesser");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path folder;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private record Outcome(int status, String out, String err) {}

  private static List<String> words(Object... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "org.embedllm.app.Main"));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return command;
  }

  private Outcome run(Object... arguments) throws IOException, InterruptedException {
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    Process process =
        new ProcessBuilder(words(arguments))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    int status = process.waitFor();
    return new Outcome(
        status,
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  private JsonNode json(Object... arguments) throws IOException, InterruptedException {
    Outcome outcome = run(arguments);
    assertThat(outcome.status()).as(outcome.err()).isZero();
    return JSON.readTree(outcome.out());
  }

  private Path configuration(SkilledServer server, String mode) throws IOException {
    StringBuilder yaml = new StringBuilder("listen: 127.0.0.1:0\n" + mode + "\nupstreams:\n");
    for (String model : MODELS) {
      yaml.append(
          "  - {model: %s, url: \"%s\", price: {input: 1, output: %d}, health: {interval: 0}}\n"
              .formatted(model, server.url(), model.equals("guesser") ? 8 : 2));
    }
    yaml.append(
        "shadow: {share: 1, budget: 100, concurrency: 8, judge: {url: \"%s\", name: judge}}\n"
            .formatted(server.url()));
    return Files.writeString(folder.resolve("gateway.yaml"), yaml);
  }

  /// Sends a phase's questions, and says how often each model answered.
  private Map<String, Integer> traffic(String address, int from)
      throws IOException, InterruptedException {
    Map<String, Integer> answered = new TreeMap<>();
    for (int j = from; j < from + TRAFFIC; j++) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(address + "/chat/completions"))
                  .header("content-type", "application/json")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":%s}]}"
                              .formatted(JSON.writeValueAsString(SkilledServer.text(j)))))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      String model = answer.headers().firstValue("x-embedllm-model").orElseThrow();
      answered.merge(model, 1, Integer::sum);
      right += SkilledServer.right(model, j) ? 1 : 0;
    }
    return answered;
  }

  private int right;

  private double quality() {
    double share = (double) right / TRAFFIC;
    right = 0;
    return share;
  }

  private static void until(java.util.concurrent.Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime() - end).as("still waiting").isNegative();
      Thread.sleep(100);
    }
  }

  @Test
  void noLogs_becomeARouterThatIsSwitchedOn() throws Exception {
    try (SkilledServer server = new SkilledServer(PROMPTS + 4 * TRAFFIC)) {
      Path prompts = SkilledServer.prompts(folder.resolve("mine.csv"), PROMPTS, true);
      Path router = folder.resolve("router.safetensors");
      Path config = configuration(server, "mode: dry-run\ndefault: guesser");
      JsonNode asked =
          json(
              "ask",
              "--all",
              config,
              "--prompts",
              prompts,
              "--to",
              folder.resolve("data"),
              "--train",
              router,
              "--json");
      assertThat(asked.get("scored").asInt()).isEqualTo(MODELS.size() * PROMPTS);

      Path log = folder.resolve("serve.log");
      Process gateway =
          new ProcessBuilder(words("serve", router, "--config", config))
              .redirectError(log.toFile())
              .start();
      try (BufferedReader out = gateway.inputReader()) {
        String line = String.valueOf(out.readLine());
        assertThat(line).as(Files.readString(log)).startsWith("listening on ");
        String address = line.substring("listening on ".length());
        follow(server, router, address);
      } finally {
        gateway.destroy();
        gateway.waitFor();
      }
    }
  }

  private void follow(SkilledServer server, Path router, String address) throws Exception {
    Path store = router.resolveSibling("router.safetensors.decisions.sqlite");
    assertThat(traffic(address, PROMPTS)).containsOnlyKeys("guesser");
    double before = quality();
    until(() -> DecisionLog.read(store.toString()).comparisons().size() > 0.8 * TRAFFIC);

    JsonNode replayed =
        json("replay", store, "--policy", "best", "--policy", "model:guesser", "--json");
    double truth = 0.95;
    for (JsonNode row : replayed) {
      if (row.get("policy").asString().equals("best")
          && row.get("method").asString().equals("dr")) {
        assertThat(row.get("differenceLow").asDouble()).as("%s", row).isGreaterThan(0.2);
        assertThat(truth)
            .as("%s", row)
            .isBetween(row.get("low").asDouble() - 0.1, row.get("high").asDouble() + 0.1);
      }
    }
    JsonNode report = json("report", store, "--to", folder.resolve("report"), "--json");
    assertThat(report.get("recommendation").asString()).contains("would do better");
    assertThat(Files.readString(folder.resolve("report/index.html"))).contains("Win rate");

    configuration(server, "mode: canary 50%\ndefault: guesser");
    until(() -> Files.readString(folder.resolve("serve.log")).contains("took over the new"));
    Map<String, Integer> canary = traffic(address, PROMPTS + TRAFFIC);
    assertThat(canary.get("guesser")).isBetween(TRAFFIC / 4, 3 * TRAFFIC / 4);
    double between = quality();

    configuration(server, "mode: on");
    until(() ->
        Files.readString(folder.resolve("serve.log")).split("took over the new", -1).length > 2);
    Map<String, Integer> on = traffic(address, PROMPTS + 2 * TRAFFIC);
    double after = quality();
    assertThat(on.getOrDefault("guesser", 0)).isLessThan(TRAFFIC / 5);
    assertThat(before).isLessThan(0.45);
    assertThat(between).isBetween(before, after);
    assertThat(after).isGreaterThan(0.8);
    requireCosts(store, on);
    requireReport(store, after);
  }

  /// 50 prompt tokens at $1 and 100 of the answer at $8 or $2 a million.
  private static double price(String model) {
    return (50 * 1 + 100 * (model.equals("guesser") ? 8 : 2)) / 1e6;
  }

  /// What the store says of costs is what the simulation charged.
  private static void requireCosts(Path store, Map<String, Integer> on) throws Exception {
    until(() -> DecisionLog.read(store.toString()).decisions().size() == 3 * TRAFFIC);
    List<DecisionRecord> decisions = DecisionLog.read(store.toString()).decisions();
    double before = meanCost(decisions.subList(0, TRAFFIC));
    double after = meanCost(decisions.subList(2 * TRAFFIC, 3 * TRAFFIC));
    double truth =
        on.entrySet().stream().mapToDouble(e -> e.getValue() * price(e.getKey())).sum() / TRAFFIC;
    assertThat(before).isCloseTo(price("guesser"), within(1e-9));
    assertThat(after).isCloseTo(truth, within(1e-9)).isLessThan(0.5 * before);
  }

  private static double meanCost(List<DecisionRecord> decisions) {
    return decisions.stream().mapToDouble(d -> d.request().cost()).average().orElseThrow();
  }

  /// The report says of the router what the simulation knows, and reads well in a browser.
  private void requireReport(Path store, double after) throws Exception {
    Path folderOfReport = folder.resolve("after");
    JsonNode report = json("report", store, "--to", folderOfReport, "--json");
    JsonNode best = report.get("policies").get(1);
    assertThat(best.get("policy").asString()).isEqualTo("best");
    assertThat(after)
        .as("%s", best)
        .isBetween(best.get("low").asDouble() - 0.1, best.get("high").asDouble() + 0.1);
    Map<String, String> kinds =
        Map.of("adder", "arithmetic", "chemist", "chemistry", "traveller", "geography");
    int specialists = 0;
    for (JsonNode wins : report.get("wins")) {
      String own = kinds.getOrDefault(wins.get("model").asString(), "none");
      if (own.equals(wins.get("kind").asString(""))) {
        specialists++;
        assertThat(wins.get("low").asDouble()).as("%s", wins).isGreaterThan(0.5);
      }
    }
    assertThat(specialists).isEqualTo(kinds.size());
    Browser browser = Browser.open();
    try (BrowserTab visit = browser.visit(folderOfReport.resolve("index.html").toUri()).to("")) {
      assertThat(visit.see("main").textContent())
          .contains("Win rates by kind of prompt", "chemist", "Mean score of each policy");
      visit.assertAccessible();
      visit.assertNoSidewaysScroll();
      visit.picture("report-of-traffic");
      visit.page().setViewportSize(390, 844);
      visit.assertAccessible();
    }
  }
}
