package org.embedllm.app.web;

import com.microsoft.playwright.Mouse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.BoundingBox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// Measures how the map moves, and how soon it is there; not part of the tests, since its numbers
/// are those of a machine. Run by name, it writes `target/frame-times.txt`:
///
/// `mvn -pl app -am test -Dtest=FrameTimes -Dsurefire.failIfNoSpecifiedTests=false`
class FrameTimes {
  private static final String WATCH =
      """
      () => {
        const times = [];
        let last = performance.now();
        const tick = now => { times.push(now - last); last = now; window.frame = requestAnimationFrame(tick); };
        window.times = times;
        window.frame = requestAnimationFrame(tick);
      }
      """;
  private static final String STOP =
      """
      () => {
        cancelAnimationFrame(window.frame);
        const times = window.times.slice(2).sort((a, b) => a - b);
        const at = share => times[Math.floor((times.length - 1) * share)];
        return [times.length, at(0.5), at(0.95), at(1)].map(x => x.toFixed(1)).join(' | ');
      }
      """;

  private final List<String> lines = new ArrayList<>();

  @Test
  void map_ofManyModels_isMeasured() throws IOException {
    Browser browser = Browser.open();
    for (int models : new int[] {40, 5_000, 10_000}) {
      try (ExploreServer explored = ExploreServer.invented(InventedSpace.of(models));
          BrowserTab first = browser.visit(explored.address());
          BrowserTab second = browser.visit(explored.address())) {
        // The server computes the map when it is first asked for it.
        first.to("#/map").see(".model-list li");
        opening(second, models);
        moving(second, models);
      }
    }
    Files.write(Path.of("target", "frame-times.txt"), lines);
  }

  private void opening(BrowserTab visit, int models) {
    long start = System.nanoTime();
    visit.to("#/map").see(".model-list li");
    double millis = (System.nanoTime() - start) / 1e6;
    Object paint =
        visit
            .page()
            .evaluate(
                "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1");
    Object bytes =
        visit
            .page()
            .evaluate(
                "() => performance.getEntries().reduce((sum, e) => sum + (e.encodedBodySize ?? 0), 0)");
    line(
        "%d models: list after %.0f ms, first paint %s ms, %s bytes", models, millis, paint, bytes);
  }

  private void moving(BrowserTab visit, int models) {
    Page page = visit.page();
    BoundingBox plot = visit.see(".plot").boundingBox();
    double x = plot.x + plot.width / 2;
    double y = plot.y + plot.height / 2;
    page.mouse().move(x, y);
    measured(
        page,
        models,
        "pan",
        () -> {
          page.mouse().down();
          for (int i = 0; i < 120; i++) {
            page.mouse().move(x + 150 * Math.sin(i / 8.0), y + 100 * Math.cos(i / 8.0));
            page.waitForTimeout(8);
          }
          page.mouse().up();
        });
    measured(
        page,
        models,
        "zoom",
        () -> {
          for (int i = 0; i < 100; i++) {
            page.mouse().wheel(0, i < 50 ? -40 : 40);
            page.waitForTimeout(8);
          }
        });
    measured(
        page,
        models,
        "hover",
        () -> {
          page.mouse().move(x + 200, y + 100, new Mouse.MoveOptions().setSteps(120));
        });
    measured(
        page,
        models,
        "search",
        () -> {
          page.locator(".search input").focus();
          page.keyboard()
              .type("fama-1", new com.microsoft.playwright.Keyboard.TypeOptions().setDelay(80));
          page.waitForTimeout(200);
        });
  }

  private void measured(Page page, int models, String what, Runnable act) {
    page.evaluate(WATCH);
    act.run();
    line("| %d | %s | %s |", models, what, page.evaluate(STOP));
  }

  private void line(String format, Object... values) {
    lines.add(String.format(Locale.ROOT, format, values));
  }
}
