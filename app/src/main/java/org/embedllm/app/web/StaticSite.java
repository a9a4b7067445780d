package org.embedllm.app.web;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.app.cli.JsonOutput;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.web.view.BackgroundJobs;
import org.embedllm.app.web.view.ViewAnswer;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;

/// The page as files, for any web host: what its views show is computed once and written beside
/// them. What takes a server (prompts, comparisons of any models, live decisions) is left out.
public final class StaticSite {
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
  private static final List<String> ANSWERS =
      List.of(
          "overview",
          "map",
          "map?projection=skills",
          "map?projection=pca",
          "map?projection=umap",
          "evaluation?split=test",
          "recommendation",
          "costs",
          "benchmarks",
          "contributions",
          "communities");

  private final PageModels models;
  private final StaticFiles files = StaticFiles.read();

  public StaticSite(PageModels models) {
    this.models = models;
  }

  /// Number of answers it writes.
  public int answers() {
    return ANSWERS.size() + models.with(page -> page.space().models().size());
  }

  /// Writes the site; files of the same names are replaced.
  ///
  /// @param folder made where it is missing
  /// @return what its views do not show, and why
  public List<ViewAnswer.Unavailable> write(Path folder, Progress progress)
      throws IOException, InterruptedException {
    for (String name : files.names()) {
      if (files.find(name).isPresent()) {
        byte[] bytes = files.find(name).orElseThrow().file().plain().shared();
        write(folder.resolve("ui").resolve(name), bytes);
      }
    }
    String index = new String(files.index().plain().shared(), StandardCharsets.UTF_8);
    write(
        folder.resolve("index.html"),
        index
            .replaceAll("([\"'])/ui/[0-9a-f]{16}/", "$1ui/")
            .replaceFirst("<html ", "<html data-site=\"files\" ")
            .getBytes(StandardCharsets.UTF_8));
    List<String> paths = new ArrayList<>(ANSWERS);
    for (int id = 0; id < answers() - ANSWERS.size(); id++) {
      paths.add("models/" + id);
    }
    PageApi api = new PageApi(models);
    List<ViewAnswer.Unavailable> missing = new ArrayList<>();
    for (int done = 0; done < paths.size(); done++) {
      progress.detail(paths.get(done).replaceAll("\\?.*", ""));
      String name = paths.get(done).replaceAll("[^A-Za-z0-9]+", "-") + ".json";
      write(
          folder.resolve("data").resolve(name),
          JsonOutput.bytes(answer(api, paths.get(done), missing)));
      progress.advanceTo(done + 1);
    }
    return missing;
  }

  /// What the server would answer, once it is there.
  private static Object answer(PageApi api, String path, List<ViewAnswer.Unavailable> missing)
      throws InterruptedException {
    String[] parts = path.split("\\?", 2);
    PageApi.Query query =
        name ->
            Optional.of(parts)
                .filter(p -> p.length > 1 && p[1].startsWith(name + "="))
                .map(p -> p[1].substring(name.length() + 1));
    while (true) {
      switch (state(api, parts[0], query)) {
        case ViewAnswer.Ready ready -> {
          return ready.document();
        }
        case ViewAnswer.Unavailable not -> {
          missing.add(not);
          // A visitor can do nothing about it, and the command names a place on this machine.
          return Map.of("status", "unavailable", "reason", not.reason());
        }
        case ViewAnswer.Working _ -> Thread.sleep(BETWEEN_LOOKS);
      }
    }
  }

  /// A view that the data are too few for keeps no other one from being written.
  private static ViewAnswer state(PageApi api, String path, PageApi.Query query) {
    try {
      return api.get(path, query);
    } catch (BackgroundJobs.Failed e) {
      if (e.reason() instanceof BadInputException bad) {
        return new ViewAnswer.Unavailable(String.valueOf(bad.getMessage()), "");
      }
      throw e;
    }
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    AtomicFile.writeStream(file, out -> out.write(bytes));
  }
}
