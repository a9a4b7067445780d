package org.embedllm.app.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.app.web.view.PlaygroundRouter;
import org.embedllm.app.web.view.Requester;
import org.embedllm.app.web.view.ViewAnswer;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageModelsTest {
  // Held, since the platform forgets the level of a logger nobody holds.
  private static final Logger LOG = Logger.getLogger(PageModels.class.getName());
  private static final long LOOKS_AGAIN_AFTER = 1_000_000_000; // ns

  @TempDir private Path folder;
  private final AtomicInteger closed = new AtomicInteger();
  private final AtomicLong clock = new AtomicLong();
  private final AtomicReference<String> around = new AtomicReference<>("");

  @BeforeAll
  static void quiet() {
    LOG.setLevel(Level.OFF);
  }

  private PageModels models(Path model) {
    return new PageModels(
        model,
        around::get,
        () ->
            new PageModel(
                ModelSpace.open(model, Optional.empty()),
                new PageModel.Context(
                    Optional.empty(),
                    folder,
                    Optional.of(new Counting()),
                    new ViewAnswer.Unavailable("", ""),
                    false)),
        clock::get);
  }

  private Path written(List<String> models) throws IOException {
    Path model = folder.resolve("model.safetensors");
    InventedSpace.of(models).artifact().write(model);
    return model;
  }

  private static List<String> models(PageModels models) {
    return models.with(page -> page.space().models());
  }

  @Test
  void file_replaced_isShown_andTheOldOneClosedWhenNobodyUsesIt() throws Exception {
    Path model = written(List.of("a", "b"));
    try (PageModels models = models(model)) {
      assertThat(models(models)).containsExactly("a", "b");
      written(List.of("a", "b", "c"));
      assertThat(models(models)).as("within the second").hasSize(2);
      clock.addAndGet(LOOKS_AGAIN_AFTER);
      models.with(page -> {
        assertThat(page.space().models()).hasSize(3);
        return assertThat(closed).hasValue(1);
      });
      assertThat(models(models)).hasSize(3);
    }
    assertThat(closed).hasValue(2);
  }

  @Test
  void file_broken_leavesWhatWasThere() throws IOException {
    Path model = written(List.of("a", "b"));
    try (PageModels models = models(model)) {
      assertThat(models(models)).hasSize(2);
      byte[] bytes = Files.readAllBytes(model);
      Files.write(model, java.util.Arrays.copyOf(bytes, bytes.length - 9));
      clock.addAndGet(LOOKS_AGAIN_AFTER);
      assertThat(models(models)).hasSize(2);
      assertThat(closed).hasValue(0);
    }
  }

  @Test
  void circumstances_changed_makeItAnew() throws IOException {
    Path model = written(List.of("a", "b"));
    try (PageModels models = models(model)) {
      PageModel first = models.with(page -> page);
      around.set("other prices");
      clock.addAndGet(LOOKS_AGAIN_AFTER);
      assertThat(models.<PageModel>with(page -> page)).isNotSameAs(first);
    }
  }

  @Test
  void file_thatIsNone_cannotBeOpened() throws IOException {
    Path model = folder.resolve("none");
    Files.writeString(model, "nothing");
    try (PageModels models = models(model)) {
      assertThatThrownBy(models::open).isInstanceOf(BadInputException.class);
    }
  }

  @Test
  void exploration_withoutItsEncoder_saysHowToGetIt() throws IOException {
    Path model = written(List.of("a", "b"));
    try (PageModels models =
        new ExploreOptions(model, Optional.empty(), Optional.empty(), Optional.empty(), Map.of())
            .models()) {
      ViewAnswer answer =
          new PageApi(models)
              .post(
                  "playground",
                  "{\"prompt\":\"x\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                  new Requester(Optional.empty(), false, "http://x"));
      assertThat(answer).isInstanceOf(ViewAnswer.Unavailable.class);
      assertThat(((ViewAnswer.Unavailable) answer).reason()).contains("invented");
      assertThat(((ViewAnswer.Unavailable) answer).remedy()).contains("./embedllm train");
    }
  }

  private final class Counting implements PlaygroundRouter {
    @Override
    public Routed route(String prompt, RoutingPolicy policy, Requester requester) {
      throw new AssertionError("nobody asks");
    }

    @Override
    public List<Neighbor> nearest(String prompt, int count) {
      return List.of();
    }

    @Override
    public String command(String prompt, RoutingPolicy policy, Requester requester) {
      return "";
    }

    @Override
    public void close() {
      closed.incrementAndGet();
    }
  }
}
