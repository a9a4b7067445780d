package org.embedllm.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("browser")
class ComparePageTest {
  private static Browser browser;
  private static ExploreServer small;

  @BeforeAll
  static void open() {
    browser = Browser.open();
    small = ExploreServer.invented(InventedSpace.of(40));
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      small.close();
    }
  }

  @ParameterizedTest
  @MethodSource("org.embedllm.app.web.Browser$Look#all")
  void comparison_everyLook_isAccessibleAndFits(Browser.Look look) {
    try (BrowserTab visit = browser.visit(small.address(), look).to("#/compare?ids=1,5,9")) {
      visit.see(".compare-columns .chart canvas");
      visit.see(".as-table summary").click();
      visit.see(".as-table table");
      visit.see(".prompt summary").click();
      visit.assertAccessible();
      visit.assertNoSidewaysScroll();
    }
  }

  @Test
  void comparison_ofNobody_saysWhatToDo() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/compare")) {
      assertThat(visit.see(".state h2").textContent()).isEqualTo("No models chosen");
      visit.assertAccessible();
      visit.button("Compare the three with the highest accuracy").click();
      visit.see(".compare-columns .chart canvas");
      assertThat(visit.page().locator(".picker .chip").count()).isEqualTo(3);
    }
  }

  @Test
  void models_addedAndTakenOut_changeTheAddress() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/compare?ids=1,5")) {
      Page page = visit.page();
      visit.see(".compare-columns .chart canvas");
      Locator add =
          page.getByRole(AriaRole.COMBOBOX, new Page.GetByRoleOptions().setName("Add a model"));
      add.pressSequentially("v9");
      add.press("Enter");
      page.waitForCondition(() -> page.url().endsWith("ids=1,5,9"));
      page.waitForCondition(() -> page.locator(".picker .chip").count() == 3);
      visit.see(".compare-columns .chart canvas");
      page.locator(".picker .chip button").first().click();
      page.waitForCondition(() -> page.url().endsWith("ids=5,9"));
      page.goBack();
      page.waitForCondition(() -> page.locator(".picker .chip").count() == 3);
    }
  }

  @Test
  void pairs_haveTheirDifferencesWithIntervals() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/compare?ids=1,5,9")) {
      visit.see(".compare-columns .chart canvas");
      Locator rows =
          visit
              .page()
              .getByRole(
                  AriaRole.TABLE,
                  new Page.GetByRoleOptions().setName("Difference of accuracy of each pair"))
              .locator("tbody tr");
      assertThat(rows.count()).isEqualTo(3);
      assertThat(rows.first().textContent()).containsPattern("\\+[0-9.]+ pts.* to \\+[0-9.]+");
    }
  }

  @Test
  void tables_headPressed_sortAndSaySo() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/compare?ids=1,5,9")) {
      visit.see(".compare-columns .chart canvas");
      Locator table =
          visit
              .page()
              .getByRole(
                  AriaRole.TABLE, new Page.GetByRoleOptions().setName("Accuracy on all questions"));
      Locator head = table.locator("thead button").first();
      head.focus();
      visit.page().keyboard().press("Enter");
      assertThat(table.locator("th[aria-sort=ascending]").textContent()).isEqualTo("Model");
      assertThat(table.locator("tbody .model-name").allTextContents()).isSorted();
    }
  }

  @Test
  void questions_withMarkup_areText() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/compare?ids=1,5,9")) {
      visit.see(".prompt summary").click();
      assertThat(visit.see(".prompt .quote").textContent()).contains("<script>document.title");
      assertThat(visit.page().title()).isEqualTo("Compare models – EmbedLLM");
    }
  }
}
