package org.embedllm.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Keyboard;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Mouse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("browser")
class MapPageTest {
  /// How many radii the middles of two marks at one place are apart.
  private static final String MARKS_APART =
      """
      async () => {
        const { plot } = await import(document.querySelector('script[type=module]').src.replace('app.js', 'charts/plot.js'));
        const root = document.body.appendChild(document.createElement('div'));
        Object.assign(root.style, { position: 'relative', width: '400px', height: '300px' });
        const none = () => {};
        const chart = plot(root, { label: 'Three marks', onHover: none, onPick: none, onBox: none, onFit: none });
        chart.setPoints([{ x: 0, y: 0, name: 'a' }, { x: 0, y: 0, name: 'b' }, { x: 1, y: 1, name: 'c' }], [0, 1, 2]);
        chart.setStyle({
          radius: Float32Array.of(8, 8, 8), group: Int16Array.of(0, 0, 0),
          groups: [{ color: '#000000', shape: 'circle' }], hulls: [],
        });
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
        const [a, b] = [chart.place(0), chart.place(1)];
        return Math.hypot(a.x - b.x, a.y - b.y) / a.radius;
      }
      """;

  private static Browser browser;
  private static ExploreServer small;
  private static ExploreServer few;

  @BeforeAll
  static void open() {
    browser = Browser.open();
    small = ExploreServer.invented(InventedSpace.of(40));
    few = ExploreServer.invented(InventedSpace.of(12));
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      small.close();
      few.close();
    }
  }

  @ParameterizedTest
  @MethodSource("org.embedllm.app.web.Browser$Look#all")
  void map_everyLook_isAccessibleAndFits(Browser.Look look) {
    try (BrowserTab visit =
        browser.visit(few.address(), look).to("#/map?color=community&focus=3&select=1,2")) {
      visit.see(".model-card table");
      visit.assertNoSidewaysScroll();
      visit.see(".tray a.primary");
      visit.assertAccessible();
      visit.to("#/map?color=benchmark:law");
      visit.see(".ramp");
      visit.assertAccessible();
    }
  }

  @Test
  void map_narrowestWindow_hasNoSidewaysScroll() {
    var narrow = new Browser.Look(320, 640, false);
    try (BrowserTab visit = browser.visit(small.address(), narrow).to("#/map?focus=3&select=1,2")) {
      visit.see(".model-card table");
      visit.assertNoSidewaysScroll();
    }
  }

  @Test
  void search_byKeyboard_findsFocusesAndAnnounces() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/map")) {
      visit.see(".model-list li");
      Locator search = combobox(visit.page());
      search.focus();
      search.pressSequentially("v17");
      visit.see(".search [role=option]");
      visit.page().waitForCondition(() -> visit.announced().equals("1 model found"));
      search.press("ArrowDown");
      assertThat(search.getAttribute("aria-activedescendant")).isNotEmpty();
      search.press("Enter");
      visit.see(".model-card table");
      assertThat(visit.page().url()).contains("focus=17");
      assertThat(visit.see(".model-card h2").textContent()).endsWith("-v17");
      visit.page().waitForCondition(() -> visit.announced().contains("-v17: "));
    }
  }

  @Test
  void search_nothingFound_saysSo() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/map")) {
      visit.see(".model-list li");
      combobox(visit.page()).pressSequentially("<script>");
      assertThat(visit.see(".search [role=option]").textContent()).startsWith("No model");
      visit.assertAccessible();
    }
  }

  @Test
  void pointer_overAModel_showsNeighboursAndEndsOfItsRange() {
    try (ExploreServer two = ExploreServer.invented(InventedSpace.of(2));
        BrowserTab visit = browser.visit(two.address()).to("#/map?projection=pca")) {
      visit.see(".model-list li");
      visit.see(".plot");
      BoundingBox plot = visit.drawn().see(".plot").boundingBox();
      // Two models lie at the two ends of the first component.
      visit.page().mouse().move(plot.x + 100, plot.y + plot.height / 2);
      Locator card = visit.see(".hover-card dl");
      assertThat(card.textContent()).contains("Nearest", "Strongest", "Weakest");
      visit.page().mouse().move(plot.x + plot.width / 2, plot.y + plot.height / 2);
      assertThat(visit.page().locator(".hover-card").isVisible()).isFalse();
    }
  }

  @Test
  void map_ofFiveThousandModels_isSearchedPointedAtAndPaged() {
    try (ExploreServer many = ExploreServer.invented(InventedSpace.of(5_000));
        BrowserTab visit = browser.visit(many.address()).to("#/map")) {
      Page page = visit.page();
      visit.see(".model-list li");
      assertThat(page.locator(".model-list li").count()).isEqualTo(100);
      combobox(page).pressSequentially("v4321");
      page.keyboard().press("Enter");
      assertThat(visit.see(".model-card h2").textContent()).endsWith("-v4321");
      visit.see(".model-card table");
      // Chosen from afar, it stands in the middle.
      visit.see(".plot");
      BoundingBox plot = visit.drawn().see(".plot").boundingBox();
      page.mouse().move(plot.x + plot.width / 2, plot.y + plot.height / 2);
      visit.see(".hover-card dl");
      visit.button("Show more (100 of 5,000)").click();
      page.waitForCondition(() -> page.locator(".model-list li").count() == 200);
      visit.assertAccessible();
    }
  }

  @Test
  void selection_byKeyboard_leadsToComparisonAndBack() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/map")) {
      Page page = visit.page();
      visit.see(".model-list li");
      Locator ticks = page.locator(".model-list input[type=checkbox]");
      ticks.nth(0).focus();
      page.keyboard().press("Space");
      page.keyboard().press("Tab");
      page.keyboard().press("Tab");
      page.keyboard().press("Space");
      Locator compare = visit.see(".tray a.primary");
      assertThat(compare.textContent()).isEqualTo("Compare 2 models");
      visit.page().waitForCondition(() -> visit.announced().endsWith("2 models selected"));
      compare.focus();
      page.keyboard().press("Enter");
      visit.see(".compare-columns .chart canvas");
      assertThat(page.title()).isEqualTo("Compare models – EmbedLLM");
      page.goBack();
      visit.see(".tray a.primary");
      assertThat(page.locator(".model-list input:checked").count()).isEqualTo(2);
    }
  }

  @Test
  void selection_moreThanEight_isRefusedWithASentence() {
    try (BrowserTab visit =
        browser.visit(small.address()).to("#/map?select=0,1,2,3,4,5,6,7,8,9,10,nonsense,99999")) {
      visit.see(".tray a.primary");
      assertThat(visit.page().locator(".tray .chip").count()).isEqualTo(8);
      assertThat(visit.page().locator(".model-list input:not(:checked):not(:disabled)").count())
          .isZero();
    }
  }

  @Test
  void plot_shiftDrag_selectsWhatIsInside() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/map")) {
      visit.see(".model-list li");
      visit.see(".plot");
      BoundingBox plot = visit.drawn().see(".plot").boundingBox();
      Page page = visit.page();
      page.keyboard().down("Shift");
      page.mouse().move(plot.x + 30, plot.y + 30);
      page.mouse().down();
      page.mouse()
          .move(
              plot.x + plot.width - 120,
              plot.y + plot.height - 40,
              new Mouse.MoveOptions().setSteps(5));
      page.mouse().up();
      page.keyboard().up("Shift");
      visit.see(".tray a.primary");
      assertThat(page.locator(".tray .chip").count()).isEqualTo(8);
    }
  }

  @Test
  void plot_keysAndButtons_moveAndZoom() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/map")) {
      visit.see(".model-list li");
      Locator plot = visit.see(".plot");
      plot.focus();
      String before = drawn(visit);
      for (String key : List.of("+", "ArrowLeft", "ArrowUp")) {
        visit.page().keyboard().press(key, new Keyboard.PressOptions().setDelay(20));
        String after = drawn(visit);
        assertThat(after).as(key).isNotEqualTo(before);
        before = after;
      }
      visit.button("Zoom out").click();
      assertThat(drawn(visit)).isNotEqualTo(before);
      visit.button("Fit").click();
      String fitted = drawn(visit);
      plot.focus();
      visit.page().keyboard().press("0");
      assertThat(drawn(visit)).isEqualTo(fitted);
    }
  }

  @Test
  void address_ofNonsense_showsTheWholeMap() {
    try (BrowserTab visit =
        browser
            .visit(small.address())
            .to("#/map?focus=abc&select=,,&color=benchmark:none&only=nobody&projection=x")) {
      visit.see(".model-list li");
      assertThat(visit.page().locator(".model-list li").count()).isEqualTo(40);
      assertThat(visit.page().locator(".model-card").isVisible()).isFalse();
    }
  }

  @Test
  void card_atThePointer_goesAwayWithEscape() {
    try (ExploreServer two = ExploreServer.invented(InventedSpace.of(2));
        BrowserTab visit = browser.visit(two.address()).to("#/map?projection=pca")) {
      visit.see(".model-list li");
      visit.see(".plot");
      BoundingBox plot = visit.drawn().see(".plot").boundingBox();
      visit.page().mouse().move(plot.x + 100, plot.y + plot.height / 2);
      visit.see(".hover-card dl");
      visit.page().keyboard().press("Escape");
      assertThat(visit.page().locator(".hover-card").isVisible()).isFalse();
    }
  }

  @Test
  void legend_entryPressed_lightsItsGroupAndFiltersTheList() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/map")) {
      visit.see(".model-list li");
      Locator entry = visit.see(".legend button");
      String label = entry.locator(".legend-label").textContent();
      entry.focus();
      visit.page().keyboard().press("Enter");
      visit.see(".legend button[aria-pressed=true]");
      assertThat(visit.page().locator(".model-list .model-name").allTextContents())
          .isNotEmpty()
          .allMatch(name -> name.startsWith(label));
      assertThat(visit.page().evaluate("() => document.activeElement.getAttribute('aria-pressed')"))
          .isEqualTo("true");
    }
  }

  @Test
  void marks_atOnePlace_areDrawnSideBySide() {
    try (BrowserTab visit = browser.visit(few.address()).to("#/map")) {
      visit.see(".model-list li");
      Object radii = visit.page().evaluate(MARKS_APART);
      assertThat(((Number) radii).doubleValue()).isBetween(1.0, 1.5);
    }
  }

  private static String drawn(BrowserTab visit) {
    return (String)
        visit.drawn().page().evaluate("() => document.querySelector('.plot canvas').toDataURL()");
  }

  private static Locator combobox(Page page) {
    return page.getByRole(AriaRole.COMBOBOX, new Page.GetByRoleOptions().setName("Find a model"));
  }
}
