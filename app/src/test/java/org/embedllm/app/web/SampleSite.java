package org.embedllm.app.web;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.app.web.view.ViewAnswer;

/// The page of invented models, to be written to files.
public final class SampleSite implements AutoCloseable {
  private final PageModels models;

  /// @param cache a folder for what the page computes
  /// @param names of the models
  public SampleSite(Path cache, String... names) {
    this(cache, InventedSpace.of(List.of(names)));
  }

  SampleSite(Path cache, ModelSpace space) {
    this.models =
        new PageModels(
            space.file(),
            () -> "",
            () ->
                new PageModel(
                    space,
                    new PageModel.Context(
                        Optional.empty(),
                        cache,
                        Optional.empty(),
                        new ViewAnswer.Unavailable("", ""),
                        false)));
  }

  public void write(Path folder) throws IOException, InterruptedException {
    write(folder, Progress.NONE);
  }

  List<ViewAnswer.Unavailable> write(Path folder, Progress progress)
      throws IOException, InterruptedException {
    return new StaticSite(models).write(folder, progress);
  }

  @Override
  public void close() {
    models.close();
  }
}
