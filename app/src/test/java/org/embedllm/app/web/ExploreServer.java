package org.embedllm.app.web;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.embedllm.app.web.view.ModelFileRouter;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.app.web.view.ViewAnswer;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.UserCache;

/// The page of a model space, served to this machine as `explore` does.
final class ExploreServer implements AutoCloseable {
  // Held, since the platform forgets the level of a logger nobody holds.
  private static final Logger HELIDON = Logger.getLogger("io.helidon");

  private final PageModels pages;
  private final PageServer server;
  private final List<String> models;

  private ExploreServer(PageModel page) {
    HELIDON.setLevel(Level.WARNING);
    this.models = page.space().models();
    this.pages = new PageModels(page.space().file(), () -> "", () -> page);
    this.server = new PageServer(0, new PageApi(pages));
    server.start();
  }

  /// The page of an invented space, its prompts read by the invented encoder.
  static ExploreServer invented(ModelSpace space) {
    return of(
        space,
        new InventedSpace.WordEncoder(),
        Optional.empty(),
        UserCache.folder(System.getenv()));
  }

  /// The page of real models, measured on their data set.
  ///
  /// @param cache keeps trainings
  static ExploreServer real(RealSpace real, Path cache) {
    return of(real.space(), real.encoder(), Optional.of(real.dataset()), cache);
  }

  private static ExploreServer of(
      ModelSpace space, QuestionEncoder encoder, Optional<Path> dataset, Path cache) {
    return new ExploreServer(
        new PageModel(
            space,
            new PageModel.Context(
                dataset,
                cache,
                Optional.of(new ModelFileRouter(space, Optional.empty(), encoder)),
                new ViewAnswer.Unavailable("", ""),
                false)));
  }

  List<String> models() {
    return models;
  }

  URI address() {
    return server.address();
  }

  @Override
  public void close() {
    server.close();
    pages.close();
  }
}
