package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.embedllm.app.cli.Console;
import org.embedllm.app.quickstart.DemoModel;
import org.embedllm.app.quickstart.DemoTraffic;
import org.embedllm.app.quickstart.SimulatedWorld;
import org.embedllm.gateway.demo.SimulatedUpstream;
import org.embedllm.gateway.demo.SimulatedUpstream.Reply;
import org.embedllm.gateway.observe.LogOutput;
import org.embedllm.storage.UserCache;

/// The simulated sample's model in front of simulated models, with simulated clients: a canary with
/// exploration, a shadow and a budget, so that every part of the live view has something to show.
final class GatewayDemo {
  private static final String JUDGE = "judge";
  private static final String RIGHT = "This is a simulated answer, and it is right.";
  private static final String WRONG = "This is a simulated answer, and it is wrong.";
  private static final int TOKENS = 300; // of an answer

  private final Console console;
  private final DemoModel demoModel;

  GatewayDemo(Console console, DemoModel demoModel) {
    this.console = console;
    this.demoModel = demoModel;
  }

  /// Serves a model with a configuration.
  interface Serving {
    /// @param begun gets the address when the gateway can be reached
    void serve(Path model, Path config, Consumer<String> begun)
        throws IOException, InterruptedException;
  }

  /// Serves until the process is told to stop.
  ///
  /// @param port 0 for any free one
  void run(int port, Serving serving) throws IOException, InterruptedException {
    LogOutput.install(false, console.isVerbose());
    Path folder = UserCache.folder(System.getenv()).resolve("demonstration");
    Files.createDirectories(folder);
    DemoModel.Made made = demoModel.make(folder, console);
    long own = port == 0 ? ProcessHandle.current().pid() : port;
    Path run = fresh(folder.resolve("run-" + own));
    AtomicReference<Optional<DemoTraffic>> traffic = new AtomicReference<>(Optional.empty());
    try (var upstream = new SimulatedUpstream((model, said) -> reply(made.world(), model, said))) {
      Path file = run.resolve("gateway.yaml");
      Files.writeString(file, configuration(made, folder, run, upstream.url(), port));
      console.line("simulated models, simulated clients; configuration: %s", file);
      serving.serve(
          made.file(),
          file,
          address -> {
            showExamples(address);
            traffic.set(Optional.of(new DemoTraffic(made.world(), address)));
          });
    } finally {
      traffic.get().ifPresent(DemoTraffic::close);
    }
  }

  /// The judge sees from the words of an answer whether it is right.
  private static Reply reply(SimulatedWorld world, String model, String said) {
    if (model.equals(JUDGE)) {
      String points = said.contains(RIGHT) ? "10" : "0";
      return new Reply("{\"score\": " + points + "}", 5, Duration.ofMillis(30));
    }
    return world
        .right(model, said)
        .map(right ->
            new Reply(right ? RIGHT : WRONG, TOKENS, Duration.ofMillis(world.millis(model))))
        .orElseGet(() -> Reply.of(model));
  }

  private static String configuration(
      DemoModel.Made made, Path folder, Path run, String url, int port) {
    var yaml = new StringBuilder("listen: 127.0.0.1:" + port + "\n");
    yaml.append(
        """
        page: {dataset: "%s"}
        store: {url: "jdbc:sqlite:%s", prompts: true}
        policy: cheapest@0.75
        mode: canary 50%%
        default: %s
        exploration: {share: 0.1, rule: uniform, loss: 1}
        pacing: {budget: 1000}
        shadow: {share: 0.5, budget: 10, concurrency: 4, judge: {url: "%s", name: %s}}
        upstreams:
        """
            .formatted(
                folder.resolve("data"),
                run.resolve("decisions.sqlite"),
                dearest(made.prices()),
                url,
                JUDGE));
    for (DemoModel.Priced p : made.prices()) {
      yaml.append("  - model: ").append(p.model()).append('\n');
      yaml.append("    url: ").append(url).append('\n');
      yaml.append(
          String.format(
              Locale.ROOT, "    price: {input: %.2f, output: %.2f}%n", p.input(), p.output()));
      yaml.append("    abilities: [tools, images, json]\n");
    }
    return yaml.toString();
  }

  /// What everything goes to before there is a router.
  private static String dearest(List<DemoModel.Priced> models) {
    return Collections.max(models, Comparator.comparingDouble(DemoModel.Priced::output)).model();
  }

  private void showExamples(String address) {
    console.line("simulated clients ask some questions a second: see the page, under Live");
    console.line("try:");
    // A command is broken between its words alone, so that it can be copied.
    console.command("  curl " + address + "/v1/route -d '{\"prompt\": \"What is 17 * 23?\"}'");
    console.command(
        "  curl -i "
            + address
            + "/v1/chat/completions"
            + " -d '{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":\"17 * 23?\"}]}'");
    console.line("or any OpenAI client with the base URL %s/v1", address);
  }

  /// An empty folder: each demonstration begins without decisions.
  private static Path fresh(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    return Files.createDirectories(folder);
  }
}
