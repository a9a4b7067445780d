package org.embedllm.app.experiment;

import java.io.IOException;
import java.nio.file.Path;
import org.embedllm.app.experiment.run.ExperimentListener;
import org.embedllm.app.web.Browser;
import org.embedllm.app.web.BrowserTab;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The experiments' report in a browser.
@Tag("browser")
@Tag("training")
class ExperimentsPageTest {
  @TempDir private Path folder;

  @Test
  void report_onDeskAndPhone_isAccessibleAndFits() throws IOException {
    ExperimentsTest.experiments(2, ExperimentListener.NONE).run(ExperimentsTest.ALL, folder);
    try (BrowserTab visit = Browser.open().visit(folder.resolve("index.html").toUri()).to("")) {
      visit.see("svg");
      visit.assertAccessible();
      visit.page().setViewportSize(390, 844);
      visit.assertAccessible();
      visit.assertNoSidewaysScroll();
    }
  }
}
