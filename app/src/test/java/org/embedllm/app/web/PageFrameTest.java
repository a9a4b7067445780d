package org.embedllm.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("browser")
class PageFrameTest {
  private static final String FAILED =
      "{\"error\":{\"message\":\"The vectors were <b>lost</b>.\",\"remedy\":\"Train again.\"}}";

  private static final String SCRIPTS_WITHOUT_PRELOAD =
      """
      () => {
        const preloaded = new Set([...document.querySelectorAll('link[rel=modulepreload], head script')].map(e => e.href ?? e.src));
        return performance.getEntriesByType('resource').map(e => e.name).filter(n => n.endsWith('.js') && !preloaded.has(n));
      }
      """;

  private static Browser browser;
  private static ExploreServer small;
  private static ExploreServer odd;

  @BeforeAll
  static void open() {
    browser = Browser.open();
    small = ExploreServer.invented(InventedSpace.of(12));
    odd = ExploreServer.invented(InventedSpace.of(InventedSpace.ODD_NAMES));
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      small.close();
      odd.close();
    }
  }

  @Test
  void names_ofAnyCharacters_areTextAndDoNoHarm() {
    try (BrowserTab visit =
        browser.visit(odd.address()).to("#/map?focus=0&select=0,1,2,3,4,5,6,7&color=accuracy")) {
      visit.see(".model-card table");
      visit.assertAccessible();
      visit.assertNoSidewaysScroll();
      assertThat(visit.page().locator(".model-list .model-name").allTextContents())
          .containsExactlyInAnyOrderElementsOf(InventedSpace.ODD_NAMES);
      visit.to("#/compare?ids=0,1,2,3,4,5,6,7");
      visit.see(".compare-columns .chart canvas");
      visit.see(".as-table summary").click();
      visit.see(".as-table table");
      visit.assertAccessible();
      visit.assertNoSidewaysScroll();
      assertThat(visit.page().title()).isEqualTo("Compare models – EmbedLLM");
      assertThat(visit.page().locator("main img, main script, main b b").count()).isZero();
    }
  }

  @Test
  void firstView_isThePlayground_inLessThan60Kilobytes() {
    try (BrowserTab visit = browser.visit(small.address()).to("")) {
      visit.see("#prompt");
      Number sent =
          (Number)
              visit
                  .page()
                  .evaluate(
                      "() => performance.getEntries().reduce((sum, e) => sum + (e.transferSize ?? 0), 0)");
      assertThat(sent.intValue()).isBetween(20_000, 60_000);
      // What a module imports would be known only when it is there.
      assertThat(visit.page().evaluate(SCRIPTS_WITHOUT_PRELOAD)).isEqualTo(List.of());
    }
  }

  @Test
  void failure_ofTheOverview_saysWhyAndTriesAgain() {
    try (BrowserTab visit =
        browser.visit(small.address()).expectingFailures().answering("overview", 500, FAILED)) {
      visit.to("");
      assertThat(visit.see(".state.failed").textContent())
          .contains("The vectors were <b>lost</b>.", "Train again.");
      visit.assertAccessible();
      visit.page().unroute("**/ui/api/overview");
      visit.button("Try again").click();
      visit.see("#prompt");
    }
  }

  @Test
  void failure_ofAView_leavesTheOthersInReach() {
    try (BrowserTab visit =
        browser
            .visit(small.address(), Browser.Look.DESKTOP.inDark())
            .expectingFailures()
            .answering("compare?*", 500, FAILED)) {
      visit.to("#/compare?ids=0,1");
      visit.see(".state.failed");
      visit.assertAccessible();
      visit.page().locator("#views a[data-view=map]").click();
      visit.see(".model-list li");
    }
  }

  @Test
  void work_thatTakesLong_isShownWithItsShare() {
    try (BrowserTab visit =
        browser
            .visit(small.address())
            .answering(
                "map*", 202, "{\"status\":\"working\",\"step\":\"Projecting\",\"fraction\":0.4}")) {
      visit.to("#/map");
      Locator bar = visit.see("progress");
      visit.page().waitForCondition(() -> bar.evaluate("b => b.value").equals(0.4));
      assertThat(visit.see(".state.working").textContent()).isEqualTo("Projecting");
      visit.assertAccessible();
      visit.page().unroute("**/ui/api/map*");
      visit.see(".model-list li");
    }
  }

  @Test
  void unavailable_isAnEmptyStateWithItsCommand() {
    try (BrowserTab visit =
        browser
            .visit(small.address())
            .answering(
                "map*",
                200,
                "{\"status\":\"unavailable\",\"reason\":\"There are no vectors.\",\"remedy\":\"./embedllm train data\"}")) {
      visit.to("#/map");
      assertThat(visit.see(".state:has(.command)").textContent()).contains("There are no vectors.");
      assertThat(visit.see(".command code").textContent()).isEqualTo("./embedllm train data");
      visit.assertAccessible();
    }
  }

  @Test
  void key_wantedByTheServer_isAskedForOnceAndSent() {
    List<String> sent = new ArrayList<>();
    try (BrowserTab visit = browser.visit(small.address()).expectingFailures()) {
      visit
          .page()
          .route(
              "**/ui/api/**",
              route -> {
                String key = route.request().headerValue("authorization");
                if ("Bearer secret".equals(key)) {
                  sent.add(route.request().url());
                  route.resume();
                } else {
                  route.fulfill(
                      new com.microsoft.playwright.Route.FulfillOptions()
                          .setStatus(401)
                          .setBody("{}"));
                }
              });
      visit.to("#/map");
      visit.see("dialog[open] #key");
      visit.assertAccessible();
      visit.page().locator("#key").fill("wrong");
      visit.page().keyboard().press("Enter");
      visit
          .page()
          .waitForCondition(
              () -> visit.page().locator("dialog p").textContent().contains("not accepted"));
      visit.page().locator("#key").fill("secret");
      visit.page().keyboard().press("Enter");
      visit.see(".model-list li");
      assertThat(sent).isNotEmpty();
      assertThat(visit.page().evaluate("() => localStorage.length")).isEqualTo(0);
    }
  }

  @Test
  void address_ofNoView_saysSo() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/nowhere?x=<script>")) {
      assertThat(visit.see(".state h2").textContent()).isEqualTo("There is no such view");
      visit.assertAccessible();
    }
  }

  @Test
  void theme_chosen_isKept() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/map")) {
      Page page = visit.page();
      visit.see(".model-list li");
      String light = background(page);
      visit.button("Dark theme").click();
      assertThat(background(page)).isNotEqualTo(light);
      page.reload();
      visit.see(".model-list li");
      assertThat(background(page)).isNotEqualTo(light);
      visit.button("Light theme").click();
      assertThat(background(page)).isEqualTo(light);
    }
  }

  @Test
  void keyboard_alone_passesSkipLinkViewsAndControlsInOrder() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/map")) {
      Page page = visit.page();
      visit.see(".model-list li");
      page.keyboard().press("Tab");
      assertThat(focused(page)).isEqualTo("Skip to the view");
      List<String> passed = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        page.keyboard().press("Tab");
        passed.add(focused(page));
        assertThat(page.evaluate("() => document.activeElement.matches(':focus-visible')"))
            .isEqualTo(true);
      }
      assertThat(passed)
          .containsSubsequence(
              "EmbedLLM",
              "Playground",
              "Map",
              "Compare",
              "Routing",
              "Benchmarks",
              "Live",
              "Dark theme");
      assertThat(passed).anyMatch(name -> name.startsWith("Map of 12 models"));
      assertThat(passed).contains("Zoom in", "Fit", "Compare famf-6b-v5");
      page.locator("#skip").focus();
      page.keyboard().press("Enter");
      assertThat(page.evaluate("() => document.activeElement.id")).isEqualTo("main");
    }
  }

  @Test
  void views_withTextTwiceAsLarge_fitADesk(@TempDir Path profile) throws IOException {
    MeasuredAnswers measured = new MeasuredAnswers(small.models(), InventedSpace.BENCHMARKS);
    try (BrowserTab visit =
        measured.in(browser.visit(small.address(), profile, 32)).to("#/map?focus=3&select=1,2")) {
      visit.see(".model-card table");
      assertThat(visit.page().evaluate("() => getComputedStyle(document.body).fontSize"))
          .isEqualTo("30px");
      visit.assertNoSidewaysScroll();
      visit.picture("large-map");
      visit.to("#/compare?ids=1,2,3").see(".compare-columns .chart canvas");
      visit.assertNoSidewaysScroll();
      visit.picture("large-compare");
      visit.to("#/playground").see("#prompt").fill("a question of law");
      visit.see(".result:not([aria-busy]) .choice");
      visit.assertNoSidewaysScroll();
      visit.picture("large-playground");
      visit.to("#/routing").charts(2).assertNoSidewaysScroll();
      visit.picture("large-routing");
      visit.to("#/benchmarks").see(".heat");
      visit.charts(1).assertNoSidewaysScroll();
      visit.picture("large-benchmarks");
    }
  }

  @Test
  void views_changed_moveTheFocusToTheirHeading() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/map")) {
      visit.see(".model-list li");
      visit.page().locator("#views a[data-view=compare]").focus();
      visit.page().keyboard().press("Enter");
      visit.see(".state h2");
      assertThat(focused(visit.page())).isEqualTo("Compare models");
      assertThat(visit.page().title()).isEqualTo("Compare models – EmbedLLM");
    }
  }

  private static String focused(Page page) {
    return (String)
        page.evaluate(
            "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()");
  }

  private static String background(Page page) {
    return (String) page.evaluate("() => getComputedStyle(document.body).backgroundColor");
  }
}
