package org.embedllm.app.web;

import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// A headless Chromium of this machine. Tests that need one skip, and say so, where there is none.
///
/// One for each thread that runs test classes; it ends with the process. Not safe for several
/// threads.
public final class Browser {
  private static final ThreadLocal<Browser> OF_THREAD = new ThreadLocal<>();

  /// The first has no window to draw, and is a third faster.
  private static final List<String> NAMES =
      List.of("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome");

  private static final List<String> FLAGS =
      List.of(
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync");

  private final Playwright playwright;
  private final Path executable;
  private final com.microsoft.playwright.Browser chromium;

  private Browser(Path executable) {
    this.executable = executable;
    this.playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    this.chromium =
        playwright
            .chromium()
            .launch(new BrowserType.LaunchOptions().setExecutablePath(executable).setArgs(FLAGS));
  }

  /// Starts Chromium, or skips the test: `EMBEDLLM_CHROMIUM` names the program where it is not on
  /// the path.
  public static Browser open() {
    Optional<Path> executable = executable();
    Assumptions.assumeTrue(
        executable.isPresent(),
        "the page is tested in Chromium; none of "
            + NAMES
            + " is on the path: install one, or name it in EMBEDLLM_CHROMIUM");
    if (OF_THREAD.get() == null) {
      OF_THREAD.set(new Browser(executable.orElseThrow()));
    }
    return OF_THREAD.get();
  }

  private static Optional<Path> executable() {
    String named = System.getenv("EMBEDLLM_CHROMIUM");
    if (named != null) {
      return Optional.of(Path.of(named));
    }
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    List<String> folders =
        Arrays.stream(path.split(File.pathSeparator, -1)).filter(f -> !f.isEmpty()).toList();
    return NAMES.stream()
        .flatMap(name -> folders.stream().map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /// A tab of its own, 1440 by 900, in the light theme.
  public BrowserTab visit(URI page) {
    return visit(page, Look.DESKTOP);
  }

  BrowserTab visit(URI page, Look look) {
    return new BrowserTab(
        chromium.newContext(
            new com.microsoft.playwright.Browser.NewContextOptions()
                .setViewportSize(look.width(), look.height())
                .setColorScheme(look.scheme())
                .setReducedMotion(com.microsoft.playwright.options.ReducedMotion.REDUCE)
                .setHasTouch(look.width() < 600)),
        page);
  }

  /// A tab of a browser whose owner has chosen another size of text, on a desk.
  ///
  /// @param profile an empty folder
  /// @param pixels of the text where a page says nothing; 16 is usual
  BrowserTab visit(URI page, Path profile, int pixels) {
    List<String> flags = new ArrayList<>(FLAGS);
    flags.add("--blink-settings=defaultFontSize=" + pixels);
    return new BrowserTab(
        playwright
            .chromium()
            .launchPersistentContext(
                profile,
                new BrowserType.LaunchPersistentContextOptions()
                    .setExecutablePath(executable)
                    .setArgs(flags)
                    .setViewportSize(Look.DESKTOP.width(), Look.DESKTOP.height())
                    .setReducedMotion(com.microsoft.playwright.options.ReducedMotion.REDUCE)),
        page);
  }

  /// How a tab looks.
  record Look(int width, int height, boolean dark) {
    static final Look DESKTOP = new Look(1440, 900, false);
    static final Look PHONE = new Look(390, 844, false);

    Look inDark() {
      return new Look(width, height, true);
    }

    private com.microsoft.playwright.options.ColorScheme scheme() {
      return dark
          ? com.microsoft.playwright.options.ColorScheme.DARK
          : com.microsoft.playwright.options.ColorScheme.LIGHT;
    }

    /// Both sizes and both themes; every pair of them with `-Pslow`.
    static Stream<Look> all() {
      return Boolean.getBoolean("embedllm.test.everyLook")
          ? Stream.of(DESKTOP, DESKTOP.inDark(), PHONE, PHONE.inDark())
          : Stream.of(DESKTOP, PHONE.inDark());
    }
  }
}
