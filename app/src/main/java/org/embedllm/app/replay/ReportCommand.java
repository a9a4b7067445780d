package org.embedllm.app.replay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.offpolicy.OffPolicyEstimate;
import org.embedllm.offpolicy.OffPolicyEvaluation;
import org.embedllm.offpolicy.OffPolicyMethod;
import org.embedllm.storage.AtomicFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm report STORE --to DIR`: a page about a gateway's traffic.
@Command(
    name = "report",
    description = {
      "Writes a page about a gateway's traffic: who answered, win rates of the shadow's",
      "comparisons, and what other policies would have got."
    },
    footer = {"", "Example: embedllm report pool.safetensors.decisions.sqlite --to report"})
public final class ReportCommand implements Callable<Integer> {
  private static final List<String> POLICIES =
      List.of("best", "cheapest@0.8", "cheapest@0.6", "dial@0.5");

  @Mixin private Console console;

  @Parameters(
      paramLabel = "STORE",
      description = "SQLite file of a gateway, or the JDBC URL of its store.")
  private String store = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description = "Folder for index.html: one file, no network.")
  private Path target = Path.of("");

  @Option(
      names = "--policy",
      paramLabel = "POLICY",
      description =
          "A policy in question, as for replay; may be repeated. Default: best, cheapest@0.8,"
              + " cheapest@0.6, dial@0.5.")
  private List<String> policies = POLICIES;

  @Override
  public Integer call() throws IOException {
    List<ReplayedPolicy> asked =
        policies.stream().map(text -> ReplayedPolicy.parse(text, Set.of())).toList();
    ReplayCommand.requireGateway("report");
    StoredTraffic traffic = StoredTraffic.read(store);
    StoredDecisions stored = StoredDecisions.read(store);
    List<TrafficReport.Named> estimates = new ArrayList<>();
    String note = "No decision has an outcome: send feedback, or configure a shadow.";
    if (!stored.decisions().isEmpty()) {
      OffPolicyEvaluation evaluation = new OffPolicyEvaluation(stored.decisions());
      OffPolicyEstimate logged = evaluation.logged();
      for (ReplayedPolicy policy : asked) {
        estimates.add(
            new TrafficReport.Named(
                policy.text(), evaluation.estimate(policy, OffPolicyMethod.DOUBLY_ROBUST)));
      }
      note = ReplayCommand.sentence(logged, estimates);
      estimates.addFirst(new TrafficReport.Named("as it was", logged));
    }
    Files.createDirectories(target);
    Path page = target.resolve("index.html");
    String html = new TrafficReport(traffic, estimates, note).page().html();
    AtomicFile.writeStream(
        page, out -> out.write(html.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    console.json(
        new Json()
            .put("page", page.toString())
            .put("requests", traffic.requests())
            .put("comparisons", comparisons(traffic))
            .put("recommendation", note)
            .document());
    console.line("%s", note);
    console.line("wrote %s", page);
    return ExitStatus.DONE;
  }

  private static int comparisons(StoredTraffic traffic) {
    return traffic.pairs().stream().mapToInt(StoredTraffic.Pair::comparisons).sum();
  }
}
