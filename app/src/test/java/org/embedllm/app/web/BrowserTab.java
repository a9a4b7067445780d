package org.embedllm.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// A tab that watches itself: errors on the console, breaches of the content security policy, and
/// requests to anywhere but the page's own server fail the test when the tab is closed.
public final class BrowserTab implements AutoCloseable {
  private static final String AXE = axe();

  private static final String VIOLATIONS =
      """
      async () => {
        const report = await axe.run(document, {resultTypes: ['violations']});
        return report.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.target.join(' ') + ' · ' + n.failureSummary));
      }
      """;

  // Resolves when the page has heard of its new address, so that nothing of the old view is taken
  // for the new one's.
  private static final String GO =
      """
      hash => new Promise(done => {
        if (location.hash === hash) { done(); return; }
        addEventListener('hashchange', () => setTimeout(done), {once: true});
        location.hash = hash;
      })
      """;

  private static final String DRAWN =
      "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))";

  private static final String THEME = "() => document.documentElement.dataset.theme";

  private static final String OTHER_THEME =
      "() => { const { dataset } = document.documentElement; dataset.theme = dataset.theme === 'dark' ? 'light' : 'dark'; }";

  private static final double PATIENCE = 60_000; // ms

  private final BrowserContext context;
  private final Page page;
  private final URI home;
  private final List<String> problems = new ArrayList<>();
  private boolean failuresExpected;

  BrowserTab(BrowserContext context, URI home) {
    this.context = context;
    this.home = home;
    this.page = context.newPage();
    // However slow the machine: what never comes costs this once.
    page.setDefaultTimeout(PATIENCE);
    page.addInitScript(
        "addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI));");
    page.onConsoleMessage(this::heard);
    page.onPageError(problems::add);
    page.onRequest(request -> {
      URI asked = URI.create(request.url().split("[#?]", 2)[0]);
      boolean own = Objects.equals(asked.getAuthority(), home.getAuthority());
      if (!own && !"data".equals(asked.getScheme()) && !"about".equals(asked.getScheme())) {
        problems.add("request to " + request.url());
      }
    });
  }

  private void heard(ConsoleMessage message) {
    boolean answer = message.text().startsWith("Failed to load resource");
    if (message.type().equals("error") && !(answer && failuresExpected)) {
      problems.add(message.text() + " " + message.location());
    }
  }

  /// Answers with an error status are part of this visit.
  BrowserTab expectingFailures() {
    failuresExpected = true;
    return this;
  }

  /// Answers requests to an endpoint in the server's place.
  ///
  /// @param endpoint below `/ui/api/`, a glob
  BrowserTab answering(String endpoint, int status, String json) {
    page.route(
        "**/ui/api/" + endpoint,
        route ->
            route.fulfill(
                new Route.FulfillOptions()
                    .setStatus(status)
                    .setContentType("application/json")
                    .setBody(json)));
    return this;
  }

  /// Opens the page at a view, `#/map` say. On a page that is open already, what is there
  /// afterwards is of the new view alone.
  public BrowserTab to(String hash) {
    if (page.url().startsWith(home.toString())) {
      page.evaluate(GO, hash);
    } else {
      page.navigate(home + hash);
    }
    return this;
  }

  /// Waits until something is seen.
  public Locator see(String selector) {
    Locator found = page.locator(selector).first();
    found.waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.VISIBLE));
    return found;
  }

  /// Waits until what has changed is on the screen.
  BrowserTab drawn() {
    page.evaluate(DRAWN);
    return this;
  }

  /// Waits until so many charts have their canvas.
  BrowserTab charts(int count) {
    page.waitForCondition(() -> page.locator(".chart canvas").count() == count);
    return this;
  }

  Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name));
  }

  public Page page() {
    return page;
  }

  /// What the page says to screen readers at the moment.
  String announced() {
    return page.locator("#announcer").textContent();
  }

  /// Fails where axe-core finds a breach of WCAG or of good practice, in either theme.
  public void assertAccessible() {
    page.evaluate(AXE);
    for (int theme = 0; theme < 2; theme++) {
      // Axe measures colors as they are now: not while something fades in.
      page.evaluate(
          "() => Promise.all(document.getAnimations().map(a => a.finished.catch(() => {})))");
      @SuppressWarnings("unchecked")
      List<String> found = (List<String>) page.evaluate(VIOLATIONS);
      assertThat(found).as("axe-core at %s, %s", page.url(), page.evaluate(THEME)).isEmpty();
      page.evaluate(OTHER_THEME);
    }
  }

  /// Fails where the page is wider than its window.
  public void assertNoSidewaysScroll() {
    Object beyond =
        page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
    assertThat(beyond).as("pixels beyond the window at %s", page.url()).isEqualTo(0);
  }

  /// A picture in the folder of the system property `embedllm.screenshots`, where it is set.
  public BrowserTab picture(String name) {
    String folder = System.getProperty("embedllm.screenshots");
    if (folder != null) {
      page.screenshot(new Page.ScreenshotOptions().setPath(Path.of(folder, name + ".png")));
    }
    return this;
  }

  private static String axe() {
    try (InputStream in =
        Objects.requireNonNull(BrowserTab.class.getResourceAsStream("/axe.min.js"), "axe.min.js")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    context.close();
    assertThat(problems).as("errors, breaches of policy and requests elsewhere").isEmpty();
  }
}
