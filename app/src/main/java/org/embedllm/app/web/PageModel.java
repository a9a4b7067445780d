package org.embedllm.app.web;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.embedllm.app.cli.ProgramVersion;
import org.embedllm.app.web.view.BackgroundJobs;
import org.embedllm.app.web.view.Communities;
import org.embedllm.app.web.view.Measurements;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.app.web.view.Overview;
import org.embedllm.app.web.view.Playground;
import org.embedllm.app.web.view.PlaygroundRouter;
import org.embedllm.app.web.view.Requester;
import org.embedllm.app.web.view.ShellQuoting;
import org.embedllm.app.web.view.SpaceMap;
import org.embedllm.app.web.view.ViewAnswer;
import org.embedllm.routing.RoutingPolicy;

/// Everything the page shows of one model file, computed on first use and then kept. It is closed
/// when the page changes to another file.
final class PageModel implements AutoCloseable {
  private final ModelSpace space;
  private final Context around;
  private final Optional<Playground> playground;
  private final Lazy<SpaceMap> pca;
  private final Lazy<SpaceMap> skills;
  private final BackgroundJobs background = new BackgroundJobs();
  private final Measurements measurements;

  /// What surrounds a model file.
  ///
  /// @param dataset data set to measure on; empty without one
  /// @param cache folder that keeps trainings
  /// @param router routes prompts; empty where new prompts cannot be encoded
  /// @param withoutRouter why there is none, with the remedy
  /// @param gateway whether the page belongs to a gateway
  record Context(
      Optional<Path> dataset,
      Path cache,
      Optional<PlaygroundRouter> router,
      ViewAnswer.Unavailable withoutRouter,
      boolean gateway) {}

  PageModel(ModelSpace space, Context around) {
    this.space = space;
    this.around = around;
    this.playground = around.router().map(r -> new Playground(space, r));
    this.pca = new Lazy<>(() -> SpaceMap.pca(space));
    this.skills = new Lazy<>(() -> SpaceMap.skills(space));
    this.measurements =
        new Measurements(space, around.dataset(), background, around.cache(), around.gateway());
  }

  ModelSpace space() {
    return space;
  }

  ViewAnswer overview() {
    return new ViewAnswer.Ready(
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

  ViewAnswer pca() {
    return new ViewAnswer.Ready(pca.get());
  }

  /// The map with ability removed.
  ViewAnswer skills() {
    return new ViewAnswer.Ready(skills.get());
  }

  /// The map that says most: skills where the first component is but a ranking.
  ViewAnswer map() {
    return pca.get().isRanking() ? skills() : pca();
  }

  ViewAnswer umap() {
    return SpaceMap.umap(space, pca::get, background);
  }

  Measurements measurements() {
    return measurements;
  }

  ViewAnswer communities() {
    return Communities.answer(space, background);
  }

  ViewAnswer tried(String prompt, RoutingPolicy policy, Requester requester, long sequence) {
    if (playground.isEmpty()) {
      return around.withoutRouter();
    }
    if (!(policy instanceof RoutingPolicy.Best) && !space.prices().known()) {
      return new ViewAnswer.Unavailable(
          "this policy needs prices, and the logs had none",
          "./embedllm explore " + ShellQuoting.quoted(space.file().toString()) + " --prices FILE");
    }
    return new ViewAnswer.Ready(playground.get().tried(prompt, policy, requester, sequence));
  }

  @Override
  public void close() {
    background.close();
    around.router().ifPresent(PlaygroundRouter::close);
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
