package org.embedllm.app.command;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.PlatformLogs;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.option.EncoderFlag;
import org.embedllm.app.web.ExploreOptions;
import org.embedllm.app.web.PageApi;
import org.embedllm.app.web.PageModels;
import org.embedllm.app.web.PageServer;
import org.embedllm.app.web.StaticSite;
import org.embedllm.app.web.SystemBrowser;
import org.embedllm.app.web.view.ShellQuoting;
import org.embedllm.app.web.view.ViewAnswer.Unavailable;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.ShutdownTasks;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm explore MODEL`: the page without a gateway.
@Command(
    name = "explore",
    description = "Shows the model space in the browser: map, comparison, playground, routing.",
    footer = {
      "",
      "The page is served to this machine only. Without --dataset it measures on the folder 'data'",
      "beside the model file, where the model was trained on it. Otherwise it shows what the model",
      "file and the training questions beside it contain.",
    })
public final class ExploreCommand implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private EncoderFlag encoder;

  @Parameters(paramLabel = "MODEL", description = "Model file that train wrote.")
  private Path model = Path.of("");

  @Option(
      names = "--dataset",
      paramLabel = "DATASET",
      description = "Data set to measure routing, costs and benchmarks on.")
  private @Nullable Path dataset;

  @Option(
      names = "--prices",
      paramLabel = "FILE",
      description =
          "CSV model,input,output,call: USD per million tokens, USD per call. Default: the"
              + " cost of a call in the logs.")
  private @Nullable Path prices;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port, 0 for any free one. Default: ${DEFAULT-VALUE}.",
      defaultValue = "8090")
  private int port;

  @Option(
      names = "--export",
      paramLabel = "DIR",
      description =
          "Write the page to files that any web host serves, and end. Prompts and comparisons need"
              + " the server.")
  private @Nullable Path export;

  @Option(names = "--no-open", description = "Do not open the page in the browser.")
  private boolean noOpen;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (port < 0 || port > 65_535) {
      throw BadInputException.of("--port must be between 0 and 65535; got " + port);
    }
    PlatformLogs.toSlf4j();
    PageModels models =
        new ExploreOptions(
                model,
                Optional.ofNullable(dataset),
                Optional.ofNullable(prices),
                encoder.place(),
                System.getenv())
            .models();
    if (export != null) {
      write(models, export);
      return ExitStatus.DONE;
    }
    PageServer server = new PageServer(port, new PageApi(models));
    server.start();
    URI address = server.address();
    console.line("%s", address);
    if (!noOpen) {
      SystemBrowser.open(address);
    }
    var stopped = new CountDownLatch(1);
    ShutdownTasks.add(() -> {
      server.close();
      models.close();
      stopped.countDown();
    });
    stopped.await();
    return ExitStatus.DONE;
  }

  private void write(PageModels models, Path folder) throws IOException, InterruptedException {
    StaticSite site = new StaticSite(models);
    List<Unavailable> missing;
    try (models;
        Progress progress = console.progress("export", site.answers(), "answers")) {
      missing = site.write(folder, progress);
    }
    console.line(
        "Wrote %s; look at it with a web server, for example:", folder.resolve("index.html"));
    console.command("  python3 -m http.server --directory " + folder);
    Map<String, List<Unavailable>> byRemedy =
        missing.stream().collect(groupingBy(Unavailable::remedy, TreeMap::new, toList()));
    byRemedy.forEach((remedy, views) -> {
      console.line("Not in it:");
      views.stream().map(Unavailable::reason).distinct().forEach(why -> console.line("  %s", why));
      if (!remedy.isEmpty()) {
        console.line("To have it too:");
        console.command("  " + remedy + " --export " + ShellQuoting.quoted(folder.toString()));
      }
    });
  }
}
