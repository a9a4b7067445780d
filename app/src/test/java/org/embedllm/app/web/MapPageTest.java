package org.embedllm.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MapPageTest {
  private static Browser browser;
  private static Explored small;
  private static Explored odd;

  @BeforeAll
  static void open() {
    browser = Browser.open();
    small = Explored.invented(InventedSpace.of(40));
    odd = Explored.invented(InventedSpace.of(InventedSpace.ODD_NAMES));
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      browser.close();
      small.close();
      odd.close();
    }
  }

  @ParameterizedTest
  @MethodSource("org.embedllm.app.web.Browser$Look#all")
  void map_everyLook_isAccessibleAndFits(Browser.Look look) {
    try (Visit visit = browser.visit(small.address(), look).to("#/map")) {
      visit.see(".model-list li");
      visit.assertAccessible();
      visit.assertNoSidewaysScroll();
      visit.to("#/map?color=community&focus=3&select=1,2");
      visit.see(".model-card table");
      visit.see(".tray a.primary");
      visit.assertAccessible();
      visit.to("#/map?color=benchmark:law");
      visit.see(".ramp");
      visit.assertAccessible();
      visit.picture("map-" + look.width() + (look.dark() ? "-dark" : ""));
    }
  }

  @Test
  void search_byKeyboard_findsFocusesAndAnnounces() {
    try (Visit visit = browser.visit(small.address()).to("#/map")) {
      visit.see(".model-list li");
      Locator search = combobox(visit.page(), "Find a model");
      search.focus();
      search.pressSequentially("v17");
      visit.see(".search [role=option]");
      assertThat(visit.page().locator(".search [role=option]").first().textContent())
          .contains("-v17");
      visit.page().waitForCondition(() -> visit.announced().equals("1 model found"));
      search.press("ArrowDown");
      search.press("Enter");
      visit.see(".model-card table");
      assertThat(visit.page().url()).contains("focus=17");
      assertThat(visit.page().locator(".model-card h2").textContent()).endsWith("-v17");
    }
  }

  private static Locator combobox(Page page, String name) {
    return page.getByRole(AriaRole.COMBOBOX, new Page.GetByRoleOptions().setName(name));
  }
}
