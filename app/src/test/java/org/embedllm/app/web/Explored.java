package org.embedllm.app.web;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.embedllm.app.web.view.Answer;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.app.web.view.SpaceRouter;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.UserCache;

/// The page of a model space, served to this machine as `explore` does.
final class Explored implements AutoCloseable {
  // Held, since the platform forgets the level of a logger nobody holds.
  private static final Logger HELIDON = Logger.getLogger("io.helidon");

  private final Atlases atlases;
  private final PageServer server;
  private final List<String> models;

  private Explored(Atlas atlas) {
    HELIDON.setLevel(Level.WARNING);
    this.models = atlas.space().models();
    this.atlases = new Atlases(atlas.space().file(), () -> "", () -> atlas);
    this.server = new PageServer(0, new PageApi(atlases));
    server.start();
  }

  /// The page of an invented space, its prompts read by the invented encoder.
  static Explored invented(ModelSpace space) {
    return of(
        space,
        new InventedSpace.WordEncoder(),
        Optional.empty(),
        UserCache.folder(System.getenv()));
  }

  /// The page of real models, measured on their data set.
  ///
  /// @param cache keeps trainings
  static Explored real(RealSpace real, Path cache) {
    return of(real.space(), real.encoder(), Optional.of(real.dataset()), cache);
  }

  private static Explored of(
      ModelSpace space, QuestionEncoder encoder, Optional<Path> dataset, Path cache) {
    return new Explored(
        new Atlas(
            space,
            new Atlas.Circumstances(
                dataset,
                cache,
                Optional.of(new SpaceRouter(space, Optional.empty(), encoder)),
                new Answer.Unavailable("", ""),
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
    atlases.close();
  }
}
