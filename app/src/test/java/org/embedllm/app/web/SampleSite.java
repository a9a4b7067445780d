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
    ModelSpace space = InventedSpace.of(List.of(names));
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
    new StaticSite(models).write(folder, Progress.NONE);
  }

  @Override
  public void close() {
    models.close();
  }
}
