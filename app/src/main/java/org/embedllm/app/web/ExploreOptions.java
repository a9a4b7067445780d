package org.embedllm.app.web;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.embedllm.app.web.view.ModelFileRouter;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.app.web.view.PlaygroundRouter;
import org.embedllm.app.web.view.ShellQuoting;
import org.embedllm.app.web.view.ViewAnswer;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.UserCache;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The inputs of the page: a model file, and data to measure it with.
///
/// @param model the model file
/// @param dataset data set to measure on; empty for none
/// @param prices price file; where empty, the cost of a call from the logs
/// @param encoder place of the model's encoder, where it is not the one that the model names
/// @param environment for the encoder and the folder that keeps trainings
public record ExploreOptions(
    Path model,
    Optional<Path> dataset,
    Optional<Path> prices,
    Optional<String> encoder,
    Map<String, String> environment) {
  private static final Logger LOG = LoggerFactory.getLogger(ExploreOptions.class);

  /// The page's model of the current model file.
  ///
  /// @throws BadInputException where it cannot be used
  public PageModels models() {
    PageModels models = new PageModels(model, () -> "", this::page);
    models.open();
    // The first view; requests for it wait until it is there.
    Thread.ofPlatform()
        .daemon()
        .name("page-map")
        .uncaughtExceptionHandler((thread, e) -> LOG.debug("the map is not prepared", e))
        .start(() -> models.with(PageModel::map));
    return models;
  }

  private PageModel page() throws IOException {
    ModelSpace space = ModelSpace.open(model, prices);
    try {
      QuestionEncoder opened =
          Encoders.open(
              space.artifact().encoder(), encoder, EncoderSettings.of(environment).withThreads(1));
      return page(
          space,
          Optional.of(new ModelFileRouter(space, prices, opened)),
          new ViewAnswer.Unavailable("", ""));
    } catch (BadInputException e) {
      return page(
          space,
          Optional.empty(),
          new ViewAnswer.Unavailable(
              "New prompts cannot be encoded: " + e.getMessage(),
              "./embedllm encode DATASET && ./embedllm train DATASET --to "
                  + ShellQuoting.quoted(model.toString())));
    }
  }

  /// The folder `data` beside the model file, where it is the data set that the model was trained
  /// on.
  private Optional<Path> besideModel(ModelSpace space) {
    Path folder = model.toAbsolutePath().resolveSibling("data");
    try {
      return DatasetDirectory.digest(folder)
          .filter(space.artifact().provenance().dataDigest()::equals)
          .map(_ -> folder);
    } catch (BadInputException e) {
      return Optional.empty();
    }
  }

  private PageModel page(
      ModelSpace space, Optional<PlaygroundRouter> router, ViewAnswer.Unavailable withoutRouter) {
    return new PageModel(
        space,
        new PageModel.Context(
            dataset.or(() -> besideModel(space)),
            UserCache.folder(environment),
            router,
            withoutRouter,
            false));
  }
}
