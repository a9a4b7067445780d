package org.embedllm.app.web;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.embedllm.app.cli.ProgramVersion;
import org.embedllm.app.web.view.Answer;
import org.embedllm.app.web.view.Background;
import org.embedllm.app.web.view.Communities;
import org.embedllm.app.web.view.Measurements;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.app.web.view.Overview;
import org.embedllm.app.web.view.Playground;
import org.embedllm.app.web.view.PromptRouter;
import org.embedllm.app.web.view.SpaceMap;
import org.embedllm.routing.RoutingPolicy;

/// Everything the page shows of one model file, computed when it is first asked for and then kept.
/// It is closed when the page goes on to another one.
final class Atlas implements AutoCloseable {
  private final ModelSpace space;
  private final Optional<PromptRouter> router;
  private final Optional<Playground> playground;
  private final Answer.Unavailable withoutRouter;
  private final Lazy<SpaceMap> pca;
  private final boolean dataset;
  private final Background background = new Background();
  private final Measurements measurements;

  /// @param dataset data set to measure on; empty where none was given
  /// @param cache folder that keeps trainings
  /// @param router routes prompts; empty where new prompts cannot be encoded
  /// @param withoutRouter why there is none, and what to do
  Atlas(
      ModelSpace space,
      Optional<Path> dataset,
      Path cache,
      Optional<PromptRouter> router,
      Answer.Unavailable withoutRouter) {
    this.space = space;
    this.router = router;
    this.playground = router.map(r -> new Playground(space, r));
    this.withoutRouter = withoutRouter;
    this.pca = new Lazy<>(() -> SpaceMap.pca(space));
    this.dataset = dataset.isPresent();
    this.measurements = new Measurements(space, dataset, background, cache);
  }

  ModelSpace space() {
    return space;
  }

  Answer overview() {
    return new Answer.Ready(
        Overview.of(
            space,
            new Overview.Has(
                space.questions().isPresent(),
                dataset,
                space.prices().known(),
                false,
                false,
                router.isPresent()),
            ProgramVersion.text()));
  }

  Answer pca() {
    return new Answer.Ready(pca.get());
  }

  Measurements measurements() {
    return measurements;
  }

  Answer communities() {
    return Communities.answer(space, background);
  }

  Answer tried(String prompt, RoutingPolicy policy, long sequence) {
    if (playground.isEmpty()) {
      return withoutRouter;
    }
    if (!(policy instanceof RoutingPolicy.Best) && !space.prices().known()) {
      return new Answer.Unavailable(
          "this policy needs prices, and the logs had none",
          "./embedllm explore " + space.file() + " --prices FILE");
    }
    return new Answer.Ready(playground.get().tried(prompt, policy, sequence));
  }

  @Override
  public void close() {
    background.close();
    router.ifPresent(PromptRouter::close);
  }

  /// A value computed when it is first needed, by one of those who need it.
  private static final class Lazy<T> {
    private final Supplier<T> compute;
    private Optional<T> value = Optional.empty();

    Lazy(Supplier<T> compute) {
      this.compute = compute;
    }

    synchronized T get() {
      if (value.isEmpty()) {
        value = Optional.of(compute.get());
      }
      return value.get();
    }
  }
}
