package org.embedllm.app.web;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.embedllm.app.cli.ProgramVersion;
import org.embedllm.app.web.view.Answer;
import org.embedllm.app.web.view.Asker;
import org.embedllm.app.web.view.Background;
import org.embedllm.app.web.view.Communities;
import org.embedllm.app.web.view.Measurements;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.app.web.view.Overview;
import org.embedllm.app.web.view.Playground;
import org.embedllm.app.web.view.PromptRouter;
import org.embedllm.app.web.view.Shell;
import org.embedllm.app.web.view.SpaceMap;
import org.embedllm.routing.RoutingPolicy;

/// Everything the page shows of one model file, computed on first use and then kept. It is closed
/// when the page changes to another file.
final class Atlas implements AutoCloseable {
  private final ModelSpace space;
  private final Circumstances around;
  private final Optional<Playground> playground;
  private final Lazy<SpaceMap> pca;
  private final Background background = new Background();
  private final Measurements measurements;

  /// What surrounds a model file.
  ///
  /// @param dataset data set to measure on; empty without one
  /// @param cache folder that keeps trainings
  /// @param router routes prompts; empty where new prompts cannot be encoded
  /// @param withoutRouter why there is none, with the remedy
  /// @param gateway whether the page belongs to a gateway
  record Circumstances(
      Optional<Path> dataset,
      Path cache,
      Optional<PromptRouter> router,
      Answer.Unavailable withoutRouter,
      boolean gateway) {}

  Atlas(ModelSpace space, Circumstances around) {
    this.space = space;
    this.around = around;
    this.playground = around.router().map(r -> new Playground(space, r));
    this.pca = new Lazy<>(() -> SpaceMap.pca(space));
    this.measurements =
        new Measurements(space, around.dataset(), background, around.cache(), around.gateway());
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
                around.dataset().isPresent(),
                space.prices().known(),
                around.gateway(),
                around.gateway(),
                around.router().isPresent()),
            ProgramVersion.text()));
  }

  Answer pca() {
    return new Answer.Ready(pca.get());
  }

  Answer umap() {
    return SpaceMap.umap(space, pca::get, background);
  }

  Measurements measurements() {
    return measurements;
  }

  Answer communities() {
    return Communities.answer(space, background);
  }

  Answer tried(String prompt, RoutingPolicy policy, Asker asker, long sequence) {
    if (playground.isEmpty()) {
      return around.withoutRouter();
    }
    if (!(policy instanceof RoutingPolicy.Best) && !space.prices().known()) {
      return new Answer.Unavailable(
          "this policy needs prices, and the logs had none",
          "./embedllm explore " + Shell.quoted(space.file().toString()) + " --prices FILE");
    }
    return new Answer.Ready(playground.get().tried(prompt, policy, asker, sequence));
  }

  @Override
  public void close() {
    background.close();
    around.router().ifPresent(PromptRouter::close);
  }

  /// A value computed on first use, once.
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
