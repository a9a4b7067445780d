package org.embedllm.app.replay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
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
  private List<String> policies = TrafficSummary.POLICIES;

  @Override
  public Integer call() throws IOException {
    ReplayCommand.requireGateway("report");
    Path page = target.resolve("index.html");
    AtomicFile.requirePlace(page);
    TrafficSummary summary =
        TrafficSummary.of(StoredTraffic.read(store), StoredDecisions.read(store), policies);
    Files.createDirectories(target);
    String html = new TrafficReport(summary).page().html();
    AtomicFile.writeStream(
        page, out -> out.write(html.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    console.json(summary.json().put("page", page.toString()).document());
    console.line("%s", summary.recommendation());
    console.line("wrote %s", page);
    return ExitStatus.DONE;
  }
}
