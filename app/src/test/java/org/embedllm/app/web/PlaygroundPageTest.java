package org.embedllm.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("browser")
class PlaygroundPageTest {
  // What is said of right and wrong answers, and not of votes.
  private static final String OF_ANSWERS = "(?i)\\b(right|rightly|wrong|answered correctly)\\b";

  private static final String HARM =
      "law <script>document.title='harmed'</script><img src=x onerror=\"document.title='harmed'\">";

  // Counts the answers that the page has read.
  private static final String COUNT_ANSWERS =
      """
      window.answers = 0;
      const read = Response.prototype.text;
      Response.prototype.text = async function () {
        const text = await read.call(this);
        setTimeout(() => window.answers++);
        return text;
      };
      """;

  private static Browser browser;
  private static ExploreServer small;
  private static ExploreServer odd;

  @BeforeAll
  static void open() {
    browser = Browser.open();
    small = ExploreServer.invented(InventedSpace.of(40));
    odd = ExploreServer.invented(InventedSpace.of(InventedSpace.ODD_NAMES));
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      small.close();
      odd.close();
    }
  }

  @ParameterizedTest
  @MethodSource("org.embedllm.app.web.Browser$Look#all")
  void playground_everyLook_isAccessibleAndFits(Browser.Look look) {
    try (BrowserTab visit = browser.visit(odd.address(), look).to("#/playground")) {
      visit.see(".state h2");
      visit.assertAccessible();
      type(visit, HARM);
      chosen(visit);
      visit.assertAccessible();
      visit.assertNoSidewaysScroll();
      visit.to("#/playground?policy=cheapest@0.6");
      visit.see(".track .rule");
      visit.assertAccessible();
      visit.assertNoSidewaysScroll();
      assertThat(visit.page().title()).doesNotContain("harmed");
      visit.picture("playground-" + look.width() + (look.dark() ? "-dark" : ""));
    }
  }

  @Test
  void poolFromVotes_everyView_speaksOfPreferenceNotOfRightAnswers() {
    try (ExploreServer votes = ExploreServer.invented(InventedSpace.ofVotes(12));
        BrowserTab visit =
            new MeasuredAnswers(votes.models(), InventedSpace.BENCHMARKS)
                .in(browser.visit(votes.address()))
                .to("#/playground")) {
      type(visit, "a question of law");
      chosen(visit);
      assertThat(visit.see("#notice").textContent()).contains("learned from votes");
      assertThat(visit.see("#main").textContent())
          .contains("chance of being preferred", "probability of a preferred answer")
          .doesNotContainPattern(OF_ANSWERS);
      visit.to("#/map");
      visit.page().waitForCondition(() -> shows(visit, "Share preferred"));
      visit.to("#/compare?ids=0,1");
      visit.page().waitForCondition(() -> shows(visit, "Share preferred by benchmark"));
      assertThat(visit.see("#main").textContent()).doesNotContainPattern(OF_ANSWERS);
      visit.to("#/routing").charts(2);
      assertThat(visit.see("#main").textContent())
          .contains("Share of questions won", "Preferred or not, forecast")
          .doesNotContainPattern(OF_ANSWERS);
      visit.to("#/benchmarks").charts(1);
      assertThat(visit.see("#main").textContent())
          .contains("Predicted and actual share won")
          .doesNotContainPattern(OF_ANSWERS);
    }
  }

  private static boolean shows(BrowserTab visit, String text) {
    return visit.see("#main").textContent().contains(text);
  }

  @Test
  void examples_areThePoolsOwnQuestions() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/playground")) {
      visit.see(".ask .chip[title^='A question of']").click();
      assertThat(visit.see("#prompt").inputValue()).startsWith("A question of");
      chosen(visit);
    }
  }

  @Test
  void manyPrompts_pasted_sayWhatRoutingSaves() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/playground?policy=cheapest@0.5")) {
      visit.see(".many summary").click();
      visit
          .see("#many-prompts")
          .fill("id,prompt\n1,\"law, and \"\"more\"\" of it\"\n2,a question of history\n3,logic\n");
      visit.button("What would routing save?").click();
      assertThat(visit.see(".many .lead").textContent()).contains("of the cost");
      assertThat(visit.see(".many .facts").textContent())
          .contains("Saved, 1,000 prompts", "Right answers", " to ");
      assertThat(visit.see(".many [role='status']").textContent())
          .isEqualTo("3 prompts routed by cheapest@0.5.");
      visit.assertAccessible();
      visit.assertNoSidewaysScroll();
      visit.see("#many-prompts").fill("one alone");
      visit.button("What would routing save?").click();
      visit.see(".many [role='status']:has-text('Two prompts or more are needed.')");
    }
  }

  @Test
  void playground_narrowestWindow_fits() {
    try (BrowserTab visit =
        browser.visit(odd.address(), new Browser.Look(320, 640, false)).to("#/playground")) {
      type(visit, "a question of law");
      chosen(visit);
      visit.assertNoSidewaysScroll();
    }
  }

  @Test
  void typing_aPrompt_ranksModelsAndShowsEvidence() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/playground")) {
      visit.see("#prompt").pressSequentially("What follows in law?");
      // On a slow machine there are answers to what was typed so far, too.
      visit.see(".result:not([aria-busy]) .nearest .question:has-text('A question of law')");
      String model = chosen(visit);
      assertThat(visit.see("tr.ours th .model-name").textContent()).isEqualTo(model);
      assertThat(visit.see(".nearest .question").textContent()).contains("A question of law");
      assertThat(visit.see(".question-foot").textContent()).contains("models right");
      visit.page().waitForCondition(() -> visit.announced().startsWith(model));
    }
  }

  @Test
  void prompt_reloaded_isKeptButNeverInTheAddress() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/playground")) {
      type(visit, "a secret of chemistry");
      chosen(visit);
      visit.page().locator(".segments label").nth(3).click();
      visit.page().waitForCondition(() -> visit.page().url().contains("policy=dial"));
      assertThat(visit.page().url()).doesNotContain("secret");
      visit.page().reload();
      chosen(visit);
      assertThat(visit.see("#prompt").inputValue()).isEqualTo("a secret of chemistry");
    }
  }

  @Test
  void answers_outOfOrder_neverReplaceNewerOnes() {
    try (BrowserTab visit = browser.visit(small.address())) {
      // Even where a browser does not take requests back.
      visit.page().addInitScript("AbortController.prototype.abort = () => {};");
      visit.page().addInitScript(COUNT_ANSWERS);
      List<Route> held = new ArrayList<>();
      visit
          .page()
          .route(
              "**/ui/api/playground",
              route -> {
                if (route.request().postData().contains("chemistry")) {
                  held.add(route);
                } else {
                  route.resume();
                }
              });
      visit.to("#/playground");
      type(visit, "about chemistry");
      visit.page().waitForCondition(() -> !held.isEmpty());
      type(visit, "about law");
      String newer = chosen(visit);
      Object before = visit.page().evaluate("() => window.answers");
      held.forEach(Route::resume);
      visit.page().waitForFunction("before => window.answers > before", before);
      assertThat(chosen(visit)).isEqualTo(newer);
      assertThat(visit.see(".nearest .question").textContent()).contains("A question of law");
    }
  }

  @Test
  void dial_turnedByKeyboard_ranksAnew() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/playground?policy=dial@0")) {
      type(visit, "about law");
      String cheapest = chosen(visit);
      Locator dial = visit.see("#policy-value");
      dial.focus();
      dial.press("End");
      visit.page().waitForCondition(() -> !chosen(visit).equals(cheapest));
      assertThat(visit.page().url()).contains("policy=dial%401");
      assertThat(dial.getAttribute("aria-valuetext")).isEqualTo("1.00");
    }
  }

  @Test
  void longPool_asked_isShownWholeAndSearched() {
    try (BrowserTab visit = browser.visit(small.address()).to("#/playground")) {
      type(visit, "about law");
      chosen(visit);
      Locator rows = visit.page().locator(".ranks tbody tr");
      assertThat(rows.count()).isBetween(12, 14);
      visit.button("Show all 40").press("Enter");
      visit.page().waitForCondition(() -> rows.count() == 40);
      visit.see(".filter").fill("V17");
      visit.page().waitForCondition(() -> rows.count() == 1);
      assertThat(rows.textContent()).contains("-v17");
    }
  }

  @Test
  void command_quotesAndNewlines_meanTheSameToAShell() throws IOException {
    String prompt = "It's \"law\", $HOME `id` \\ and\n--a second line";
    try (BrowserTab visit = browser.visit(small.address()).to("#/playground")) {
      type(visit, prompt);
      chosen(visit);
      String command = visit.see(".result .command code").textContent();
      Process shell =
          new ProcessBuilder(
                  "sh", "-c", "set -- " + command + "\nfor last; do :; done; printf %s \"$last\"")
              .start();
      String last = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(last).isEqualTo(prompt);
    }
  }

  @Test
  void failure_ofTheServer_isSaidAndTriedAgain() {
    try (BrowserTab visit = browser.visit(small.address()).expectingFailures()) {
      visit.answering(
          "playground",
          503,
          "{\"error\":{\"message\":\"The encoder is busy.\",\"remedy\":\"Wait a moment.\"}}");
      visit.to("#/playground");
      type(visit, "about law");
      assertThat(visit.see(".state.failed").textContent()).contains("The encoder is busy.");
      visit.assertAccessible();
      visit.page().unroute("**/ui/api/playground");
      visit.button("Try again").click();
      chosen(visit);
    }
  }

  @Test
  void abstention_isSaidBeforeTheChoice() {
    try (BrowserTab visit = browser.visit(small.address())) {
      visit.answering(
          "playground",
          200,
          """
          {"sequence": 1, "route": 0, "reason": "highest probability of a right answer", "abstain": true,
           "encodeMillis": 1, "forecastMillis": 1, "nearest": [], "curl": "true", "singleBest": {"id": 1, "name": "b", "probability": 0.4},
           "ranking": [{"id": 0, "name": "a", "probability": 0.5, "low": 0.1, "high": 0.9, "cost": null, "available": true, "whyNot": null},
                       {"id": 1, "name": "b", "probability": 0.4, "low": 0.1, "high": 0.9, "cost": null, "available": true, "whyNot": null},
                       {"id": null, "name": "c", "probability": null, "low": null, "high": null, "cost": null, "available": false, "whyNot": "it has no vector"}]}
          """);
      visit.to("#/playground");
      type(visit, "zzz");
      assertThat(visit.see(".abstention").textContent()).contains("nothing like this");
      assertThat(visit.see(".choice").textContent()).startsWith("If it had to choose");
      assertThat(visit.see("tr.bound").textContent()).contains("it has no vector");
      visit.page().waitForCondition(() -> visit.announced().startsWith("Abstains"));
      visit.assertAccessible();
    }
  }

  private static void type(BrowserTab visit, String prompt) {
    visit.see("#prompt").fill(prompt);
  }

  /// The name of the model the prompt goes to, once no answer is awaited any more.
  private static String chosen(BrowserTab visit) {
    visit.see(".result:not([aria-busy]) .choice");
    return visit.page().locator(".choice strong").textContent();
  }
}
