package org.embedllm.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every view on real data. What benchmarks teach each other is trained for the smaller data set
/// alone, whose three benchmarks take seconds.
@Tag("browser")
@Tag("slow")
class RealDataPageTest {
  @TempDir private Path folder;

  @Test
  void views_ofMmluPro_areAccessibleAndFitADesk() throws IOException {
    look("mmlu-pro", Browser.Look.DESKTOP, false);
  }

  @Test
  void views_ofZeroEval_areAccessibleAndFitAPhoneInTheDark() throws IOException {
    look("zeroeval", Browser.Look.PHONE.inDark(), true);
  }

  private void look(String data, Browser.Look look, boolean trainings) throws IOException {
    Browser browser = Browser.open();
    RealSpace real = RealSpace.of(data, folder);
    try (ExploreServer explored = ExploreServer.real(real, folder.resolve("cache"));
        PageClient client = new PageClient(explored.address());
        BrowserTab visit = browser.visit(explored.address(), look).to("#/map?focus=4&select=2,4")) {
      visit.see(".model-card table");
      assertThat(visit.page().locator(".model-list li").count())
          .isEqualTo(explored.models().size());
      fits(visit, data + "-map");
      visit.to("#/compare?ids=1,2,4,7").see(".compare-columns .chart canvas");
      fits(visit, data + "-compare");
      visit.to("#/playground").see("#prompt").fill("What is half of 34?");
      visit.see(".result:not([aria-busy]) .choice");
      fits(visit, data + "-playground");
      client.ready("/ui/api/evaluation?split=test");
      client.ready("/ui/api/costs");
      visit.to("#/routing").charts(2);
      fits(visit, data + "-routing");
      visit.to("#/live").see(".state .command");
      fits(visit, data + "-live");
      if (trainings) {
        client.ready("/ui/api/benchmarks");
        client.ready("/ui/api/contributions");
        visit.to("#/benchmarks").charts(1).see(".heat");
        visit.see(".estimates.even");
        fits(visit, data + "-benchmarks");
      }
    }
  }

  private static void fits(BrowserTab visit, String name) {
    visit.assertAccessible();
    visit.assertNoSidewaysScroll();
    visit.picture(name);
  }
}
