package org.embedllm.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.sun.net.httpserver.SimpleFileServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.web.view.ViewAnswer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The page written to files, served by a plain file server below a folder of its own.
@Tag("browser")
class StaticSiteTest {
  private static final Progress UNSEEN =
      new Progress() {
        @Override
        public void advanceTo(long done) {}

        @Override
        public void detail(String text) {}

        @Override
        public void close() {}
      };

  @TempDir Path folder;

  @Test
  void site_servedAsFiles_showsItsViews() throws IOException, InterruptedException {
    Path site = folder.resolve("www/models");
    String file = InventedSpace.of(12).file().toString();
    try (SampleSite sample = new SampleSite(folder.resolve("cache"), InventedSpace.of(12))) {
      assertThat(sample.write(site, UNSEEN))
          .extracting(ViewAnswer.Unavailable::remedy)
          .contains("./embedllm explore " + file + " --dataset DATASET");
      assertThat(site.resolve("data/benchmarks.json"))
          .as("no path of this machine, and no command that a visitor cannot run")
          .content()
          .contains("unavailable")
          .doesNotContain("remedy", "explore", file);
    }
    assertThat(site.resolve("data/models-11.json")).exists();
    assertThat(Files.readString(site.resolve("index.html")))
        .contains("data-site=\"files\"")
        .doesNotContain("\"/ui/");
    Browser browser = Browser.open();
    var server =
        SimpleFileServer.createFileServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            folder.resolve("www").toRealPath(),
            SimpleFileServer.OutputLevel.NONE);
    server.start();
    try (BrowserTab tab =
        browser.visit(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/models/"))) {
      tab.to("#/map").see(".model-list li");
      assertThat(tab.page().locator(".map-prompt, .model-list .tick").all())
          .as("what takes a server")
          .noneMatch(Locator::isVisible);
      tab.to("#/map?focus=3").see(".model-card table");
      tab.assertAccessible();
      tab.to("#/routing").see(".state");
      tab.assertAccessible();
      assertThat(tab.page().locator("#views a").count()).isEqualTo(3);
    } finally {
      server.stop(0);
    }
  }
}
