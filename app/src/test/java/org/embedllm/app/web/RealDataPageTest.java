package org.embedllm.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RealDataPageTest {
  @Test
  void views_ofMmluPro_areAccessibleAndFitADesk() {
    look("mmlu-pro", Browser.Look.DESKTOP);
  }

  @Test
  void views_ofZeroEval_areAccessibleAndFitAPhoneInTheDark() {
    look("zeroeval", Browser.Look.PHONE.inDark());
  }

  private static void look(String data, Browser.Look look) {
    var space = RealSpace.of(data);
    try (Browser browser = Browser.open();
        Explored explored = Explored.of(space, new RealSpace.EvenEncoder())) {
      try (Visit visit = browser.visit(explored.address(), look).to("#/map?focus=4&select=2,4")) {
        visit.see(".model-card table");
        assertThat(visit.page().locator(".model-list li").count()).isEqualTo(space.models().size());
        visit.assertAccessible();
        visit.assertNoSidewaysScroll();
        visit.picture(data + "-map");
        visit.to("#/compare?ids=1,2,4,7");
        visit.see(".compare-columns canvas");
        visit.assertAccessible();
        visit.assertNoSidewaysScroll();
        visit.picture(data + "-compare");
        for (String view : List.of("playground", "routing", "benchmarks", "live")) {
          visit.to("#/" + view);
          visit.see("main[data-view=" + view + "] .state:not(.working)");
          visit.assertAccessible();
          visit.assertNoSidewaysScroll();
          visit.picture(data + "-" + view);
        }
      }
    }
  }
}
