package org.embedllm.app.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.embedllm.app.cli.CommandEntry;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Durations;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.quickstart.CommandSession;
import org.embedllm.app.quickstart.Quickstart;
import org.embedllm.app.quickstart.QuickstartReport;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `embedllm quickstart`: the main job on a simulated sample, with the commands that a user would
/// type.
@Command(
    name = "quickstart",
    description = {
      "Shows the main job on a simulated sample: import, encode, train, evaluate, route, report.",
      "Takes about a minute; needs no network and no key."
    })
public final class QuickstartCommand implements Callable<Integer> {
  private final Supplier<List<CommandEntry>> commands;

  @Mixin private Console console;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description = "Folder for all results. Default: ${DEFAULT-VALUE}.",
      defaultValue = "quickstart")
  private Path target = Path.of("");

  /// @param commands the commands it runs
  public QuickstartCommand(Supplier<List<CommandEntry>> commands) {
    this.commands = commands;
  }

  @Override
  public Integer call() throws IOException {
    if (Files.exists(target) && !Files.isDirectory(target)) {
      throw BadInputException.in(target, "is a file; --to names a folder");
    }
    CommandSession session = new CommandSession(commands.get(), console);
    try {
      long start = System.nanoTime();
      Quickstart.Findings findings = new Quickstart(target, session, console).run();
      Path report = target.resolve("report.html");
      byte[] page = QuickstartReport.of(findings).html().getBytes(StandardCharsets.UTF_8);
      AtomicFile.writeStream(report, out -> out.write(page));
      double seconds = (System.nanoTime() - start) / 1e9;
      end(findings, report, seconds);
      return ExitStatus.DONE;
    } catch (CommandSession.StepFailed failed) {
      return failed.status();
    }
  }

  private void end(Quickstart.Findings findings, Path report, double seconds) {
    console.line("  %s: one file for any browser", report);
    console.line("");
    console.heading("Done in %s. Open the page now:", Durations.text(seconds));
    console.command("  ./embedllm explore " + findings.model());
    console.line("");
    console.line("Then a gateway with simulated models behind it:");
    console.command("  ./embedllm serve --demo");
    console.line("Then your own logs: a CSV of model, question and score, or the output of");
    console.line("lm-evaluation-harness.");
    console.command("  ./embedllm import YOUR_LOGS --to data");
    console.command("  ./embedllm train data --to model.safetensors");
    console.command("  ./embedllm evaluate model.safetensors data");
    console.command("  ./embedllm route model.safetensors 'a prompt of your own'");
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("directory", target.toString());
    document.put("simulated", true);
    document.put("model", findings.model().toString());
    document.put("evaluate", findings.evaluation());
    document.put("routes", findings.routes());
    document.put("report", report.toString());
    document.put("seconds", seconds);
    console.json(document);
  }
}
