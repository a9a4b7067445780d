package org.embedllm.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Routing and benchmarks: what is drawn from a data set.
@Tag("browser")
class FiguresPageTest {
  private static final MeasuredAnswers ODD =
      new MeasuredAnswers(InventedSpace.ODD_NAMES, InventedSpace.ODD_NAMES);
  private static final MeasuredAnswers PLAIN =
      new MeasuredAnswers(InventedSpace.of(24).models(), InventedSpace.BENCHMARKS);

  private static Browser browser;
  private static ExploreServer explored;

  @BeforeAll
  static void open() {
    browser = Browser.open();
    explored = ExploreServer.invented(InventedSpace.of(24));
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      explored.close();
    }
  }

  @ParameterizedTest
  @MethodSource("org.embedllm.app.web.Browser$Look#all")
  void figures_everyLook_areAccessibleAndFit(Browser.Look look) {
    try (BrowserTab visit = ODD.in(browser.visit(explored.address(), look)).to("#/routing")) {
      visit.see(".verdict");
      visit.charts(2);
      visit.assertAccessible();
      visit.assertNoSidewaysScroll();
      visit.picture("routing-" + look.width() + (look.dark() ? "-dark" : ""));
      visit.to("#/benchmarks");
      visit.see(".heat");
      visit.charts(1);
      visit.see(".estimates.even");
      visit.assertAccessible();
      visit.assertNoSidewaysScroll();
      assertThat(visit.page().title()).doesNotContain("harmed");
      visit.picture("benchmarks-" + look.width() + (look.dark() ? "-dark" : ""));
    }
  }

  @Test
  void figures_narrowestWindow_fit() {
    try (BrowserTab visit =
        ODD.in(browser.visit(explored.address(), new Browser.Look(320, 640, false)))
            .to("#/routing")) {
      visit.charts(2);
      visit.assertNoSidewaysScroll();
      visit.to("#/benchmarks");
      visit.charts(1);
      visit.assertNoSidewaysScroll();
    }
  }

  @Test
  void routing_ofAWorseRouter_saysSoFirst() {
    try (BrowserTab visit = PLAIN.in(browser.visit(explored.address())).to("#/routing")) {
      visit.charts(2);
      assertThat(visit.see(".verdict .sentence").textContent())
          .startsWith("Use fam")
          .contains("the router is worse");
      assertThat(visit.see(".verdict").getAttribute("class")).contains("caution");
      assertThat(visit.page().locator(".estimates").first().textContent())
          .contains("Oracle", "Best single model", "Any model, at random");
    }
  }

  @Test
  void charts_haveTheirTables() {
    try (BrowserTab visit = PLAIN.in(browser.visit(explored.address())).to("#/routing")) {
      visit.charts(2);
      Locator disclosures = visit.page().locator(".as-table summary");
      for (int i = 0; i < disclosures.count(); i++) {
        disclosures.nth(i).press("Enter");
      }
      visit.page().waitForCondition(() -> visit.page().locator(".as-table table").count() == 2);
      assertThat(visit.page().locator(".as-table table").first().textContent())
          .contains("dial@0.0909", "single model");
      visit.assertAccessible();
    }
  }

  @Test
  void benchmarks_whereALineDoesAsWell_sayIt() {
    try (BrowserTab visit = PLAIN.in(browser.visit(explored.address())).to("#/benchmarks")) {
      assertThat(visit.see(".verdict").textContent())
          .contains("0 of 6 benchmarks", "a straight line");
      Locator cells = visit.page().locator(".heat tbody td.numeric:not(.sum, .self)");
      visit.see(".heat");
      assertThat(cells.count()).isEqualTo(30);
      assertThat(cells.first().textContent()).isEqualTo("−4.0");
      visit.page().locator("select").selectOption("3");
      assertThat(visit.page().locator(".finding").first().textContent())
          .contains("15 of 30 contributions are above zero");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"#/routing", "#/benchmarks"})
  void view_withoutADataset_saysWhichCommandHelps(String view) {
    try (BrowserTab visit = browser.visit(explored.address()).to(view)) {
      assertThat(visit.see(".state .command").textContent()).contains("--dataset");
      visit.assertAccessible();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"#/routing", "#/benchmarks"})
  void view_whileTheServerComputes_saysHowFar(String view) {
    try (BrowserTab visit = browser.visit(explored.address())) {
      String working = "{\"status\":\"working\",\"step\":\"encoding questions\",\"fraction\":0.4}";
      visit.answering("{evaluation?*,costs,benchmarks,contributions,communities}", 202, working);
      visit.to(view);
      assertThat(visit.see(".state.working:has-text('Encoding')").textContent())
          .isEqualTo("Encoding questions");
      visit.assertAccessible();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"#/routing", "#/benchmarks"})
  void view_whoseFiguresFail_offersToTryAgain(String view) {
    try (BrowserTab visit = browser.visit(explored.address()).expectingFailures()) {
      String failed =
          "{\"error\":{\"message\":\"train.csv:8: label must be 0 or 1\",\"remedy\":\"correct it and try again\"}}";
      visit.answering("{evaluation?*,costs,benchmarks,contributions,communities}", 400, failed);
      visit.to(view);
      assertThat(visit.see(".state.failed").textContent())
          .contains("label must be 0 or 1", "correct it", "Try again");
      visit.assertAccessible();
    }
  }
}
