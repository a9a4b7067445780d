package org.embedllm.app.web;

import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.embedllm.app.web.view.Answer;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.app.web.view.PromptRouter;
import org.embedllm.app.web.view.Shell;
import org.embedllm.app.web.view.SpaceRouter;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.UserCache;

/// The inputs of the page: a model file, and data to measure it with.
///
/// @param model the model file
/// @param dataset data set to measure on; empty for none
/// @param prices price file; where empty, the cost of a call from the logs
/// @param environment for the encoder and the folder that keeps trainings
public record Exploration(
    Path model, Optional<Path> dataset, Optional<Path> prices, Map<String, String> environment) {
  private static final Logger LOG = System.getLogger(Exploration.class.getName());

  /// The page's model of the current model file.
  ///
  /// @throws BadInputException where it cannot be used
  public Atlases atlases() {
    Atlases atlases = new Atlases(model, () -> "", this::atlas);
    atlases.open();
    // The first view; requests for it wait until it is there.
    Thread.ofPlatform()
        .daemon()
        .name("page-map")
        .uncaughtExceptionHandler(
            (thread, e) -> LOG.log(Logger.Level.DEBUG, "the map is not prepared", e))
        .start(() -> atlases.with(Atlas::pca));
    return atlases;
  }

  private Atlas atlas() throws IOException {
    ModelSpace space = ModelSpace.open(model, prices);
    try {
      QuestionEncoder encoder =
          Encoders.open(
              space.artifact().encoder().name(), EncoderSettings.of(environment).withThreads(1));
      space.artifact().requireEncoder(encoder.identity());
      return atlas(
          space,
          Optional.of(new SpaceRouter(space, prices, encoder)),
          new Answer.Unavailable("", ""));
    } catch (BadInputException e) {
      return atlas(
          space,
          Optional.empty(),
          new Answer.Unavailable(
              "New prompts cannot be encoded: " + e.getMessage(),
              "./embedllm encode DATASET && ./embedllm train DATASET --to "
                  + Shell.quoted(model.toString())));
    }
  }

  private Atlas atlas(
      ModelSpace space, Optional<PromptRouter> router, Answer.Unavailable withoutRouter) {
    return new Atlas(
        space,
        new Atlas.Circumstances(
            dataset, UserCache.folder(environment), router, withoutRouter, false));
  }
}
