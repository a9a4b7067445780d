package org.embedllm.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Route;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.correctness.Attributes;
import org.embedllm.forecast.Forecast;
import org.embedllm.gateway.access.KeyRing;
import org.embedllm.storage.JsonTrees;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("browser")
class LivePageTest {
  private static final String HARM = "law <img src=x onerror=\"document.title='harmed'\">";

  private static final String MORE =
      """
      store: {prompts: true}
      exploration: {share: 0.2, loss: 0.5}
      pacing: {budget: 100}
      shadow: {share: 1, budget: 1, judge: {check: "regex:simulated"}}
      """;

  private static Browser browser;
  private static ServedGateway gateway;

  @BeforeAll
  static void open(@TempDir Path folder) throws IOException {
    browser = Browser.open();
    List<String> names = new ArrayList<>(InventedSpace.ODD_NAMES.subList(0, 5));
    names.add("behind-nothing");
    gateway = new ServedGateway(folder, InventedSpace.of(names), MORE);
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      gateway.close();
    }
  }

  @ParameterizedTest
  @MethodSource("org.embedllm.app.web.Browser$Look#all")
  void live_everyLook_isAccessibleAndFits(Browser.Look look) {
    String right = gateway.ask("auto", HARM);
    gateway.ask("behind-nothing", "history");
    try (BrowserTab visit = browser.visit(gateway.address(), look).to("#/live")) {
      row(visit, right);
      visit.see(".live-status.following");
      visit.see(".chart canvas");
      visit.assertAccessible();
      visit.assertNoSidewaysScroll();
      assertThat(visit.page().title()).doesNotContain("harmed");
      visit.picture("live-" + look.width() + (look.dark() ? "-dark" : ""));
    }
  }

  @Test
  void traffic_isShownWithWinRatesAndPolicies() {
    String id = gateway.ask("auto", "a question of physics");
    gateway.feedback(id, 1);
    gateway.ask("auto", "a question of law");
    try (BrowserTab visit = browser.visit(gateway.address()).to("#/live")) {
      visit.see("h2:has-text('Rollout')");
      visit
          .page()
          .waitForCondition(() -> {
            visit.page().reload();
            return visit.see(".traffic-cards .estimates").isVisible();
          });
      assertThat(visit.see(".live-columns").textContent())
          .contains("as it was", "best", "Every decision of the router reaches its client");
      assertThat(visit.see(".traffic-cards").textContent())
          .contains("To decide", "50%", "Expected loss", "Shadow spent today", "of $100");
      visit.assertAccessible();
      visit.picture("traffic");
    }
  }

  @Test
  void canary_saysWhatTheRouterSaves(@TempDir Path folder) throws IOException {
    var space = InventedSpace.of(List.of("a", "b", "behind-nothing"));
    try (ServedGateway canary =
            new ServedGateway(folder, space, "mode: canary 50%\ndefault: b\npolicy: best\n");
        BrowserTab visit = browser.visit(canary.address())) {
      for (int i = 0; i < 12; i++) {
        canary.feedback(canary.ask("auto", "question %d of physics".formatted(i)), 1);
      }
      visit.to("#/live");
      assertThat(visit.see(".saved").textContent())
          .containsPattern("The router has (saved|cost) \\$.* than the default model")
          .contains("by feedback: 0.0 pts", "against the default model");
      visit.assertAccessible();
      visit.assertNoSidewaysScroll();
    }
  }

  @Test
  void figures_withoutAnAdminKey_areSaidToBeForAnAdmin(@TempDir Path folder) throws IOException {
    String key = KeyRing.freshKey(new SecureRandom());
    String keys = "keys:\n  - {name: alice, sha256: %s}\n".formatted(KeyRing.hash(key));
    var space = InventedSpace.of(List.of("a", "b", "behind-nothing"));
    try (ServedGateway closed = new ServedGateway(folder, space, keys);
        BrowserTab visit = browser.visit(closed.address())) {
      visit.page().addInitScript("sessionStorage.setItem('embedllm.key', '" + key + "')");
      visit.to("#/live");
      visit.see(".live-status.following");
      visit.see(".strip:has-text('for an admin key alone')");
      visit.see(".traffic-cards:has-text('for an admin key alone')");
      visit.assertAccessible();
    }
  }

  @Test
  void decision_made_appearsAtOnce() {
    try (BrowserTab visit = browser.visit(gateway.address()).to("#/live")) {
      visit.see(".live-status.following");
      String id = gateway.ask("auto", "a question of chemistry");
      assertThat(row(visit, id).textContent()).contains("best", "a question of chemistry");
      assertThat(visit.page().locator(".decisions tbody tr").first().getAttribute("data-decision"))
          .isEqualTo(id);
    }
  }

  @Test
  void feedback_byClick_isSentSaidAndKept() {
    String id = gateway.ask("auto", "a question of logic");
    try (BrowserTab visit = withClock().to("#/live")) {
      row(visit, id).locator(".say[data-score='1']").click();
      row(visit, id).locator(".mark.right").waitFor();
      pastUndo(visit);
      visit.page().waitForCondition(() -> visit.announced().startsWith("Sent: right"));
      assertThat(row(visit, id).locator(".say").count()).isZero();
      visit.page().reload();
      assertThat(row(visit, id).locator(".mark").textContent()).contains("right");
      visit.assertAccessible();
    }
  }

  @Test
  void details_ofADecision_showItsRankingAndChangeFeedback() {
    String id = gateway.ask("auto", "one of chemistry");
    gateway.feedback(id, 0);
    try (BrowserTab visit = browser.visit(gateway.address()).to("#/live")) {
      row(visit, id).locator(".mark.wrong").waitFor();
      row(visit, id).locator(".open").click();
      visit.see("dialog.details table");
      assertThat(visit.see("dialog.details").textContent())
          .contains(id, "one of chemistry", "Decided by the router", "chosen", "curl http")
          .contains("imulated");
      visit.assertAccessible();
      visit.see("dialog.details button:has-text('Right')").click();
      visit.see("dialog.details [role='status']:has-text('Said: right.')");
      visit.button("Close").click();
      row(visit, id).locator(".mark.right").waitFor();
    }
  }

  @Test
  void feedback_byKeyboard_movesByArrowsAndIsSentWhenTheViewIsLeft() {
    String older = gateway.ask("auto", "one of geography");
    String newer = gateway.ask("auto", "two of geography");
    try (BrowserTab visit = browser.visit(gateway.address()).to("#/live")) {
      row(visit, newer).locator(".say[data-score='0']").focus();
      visit.page().keyboard().press("ArrowDown");
      visit.page().keyboard().press("Enter");
      row(visit, older).locator(".mark.wrong").waitFor();
      visit.page().waitForResponse("**/v1/feedback", () -> visit.to("#/map").see(".model-list li"));
      visit.to("#/live");
      row(visit, older).locator(".mark.wrong").waitFor();
      assertThat(row(visit, newer).locator(".say").count()).isEqualTo(2);
    }
  }

  @Test
  void feedback_undone_isNeverSent() {
    String id = gateway.ask("auto", "five of geography");
    try (BrowserTab visit = withClock().to("#/live")) {
      row(visit, id).locator(".say[data-score='0']").click();
      row(visit, id).locator("button:has-text('Undo')").click();
      pastUndo(visit);
      row(visit, id).locator(".say[data-score='1']").click();
      visit.page().waitForResponse("**/v1/feedback", () -> pastUndo(visit));
      visit.page().waitForCondition(() -> visit.announced().startsWith("Sent: right"));
    }
  }

  /// A tab whose timers can be moved on.
  private static BrowserTab withClock() {
    BrowserTab visit = browser.visit(gateway.address());
    visit.page().clock().install();
    return visit;
  }

  /// To the time when feedback can no longer be undone.
  private static void pastUndo(BrowserTab visit) {
    visit.page().clock().fastForward(6_000);
  }

  @Test
  void feedback_overtakenByItsEvent_keepsTheFocusInItsRow() {
    String id = gateway.ask("auto", "three of geography");
    try (BrowserTab visit = withClock().to("#/live")) {
      visit.see(".live-status.following");
      List<Runnable> answers = new ArrayList<>();
      visit
          .page()
          .route(
              "**/v1/feedback",
              route -> {
                APIResponse kept = route.fetch();
                answers.add(() -> route.fulfill(new Route.FulfillOptions().setResponse(kept)));
              });
      row(visit, id).locator(".say").first().focus();
      visit.page().keyboard().press("Enter");
      pastUndo(visit);
      visit.page().waitForCondition(() -> !answers.isEmpty());
      // Events come in their order: with this one, that of the feedback has come.
      gateway.ask("auto", "four of geography");
      visit.see(".fresh");
      assertThat(focusedRow(visit)).isEqualTo(id);
      assertThat(row(visit, id).textContent()).contains("sending");
      answers.forEach(Runnable::run);
      row(visit, id).locator(".mark.right").waitFor();
      visit.page().waitForCondition(() -> id.equals(focusedRow(visit)));
    }
  }

  private static Object focusedRow(BrowserTab visit) {
    return visit
        .page()
        .evaluate("() => document.activeElement.closest('tr')?.dataset.decision ?? ''");
  }

  /// A pool from votes takes no scores: a thumb says whether the answer is better or worse than
  /// that of another model, first of all the runner-up.
  @Test
  void feedback_toAPoolFromVotes_isAVoteAgainstTheChosenModel(@TempDir Path folder)
      throws IOException {
    ModelSpace space = InventedSpace.ofVotes(5);
    List<String> ranking = ranking(space, "a question of geography");
    try (ServedGateway voted = new ServedGateway(folder, space, "");
        BrowserTab visit = browser.visit(voted.address()).to("#/live")) {
      String first = voted.ask("auto", "a question of geography");
      Locator row = row(visit, first);
      row.locator(".say[data-score='0']").click();
      Locator others = row.locator("select");
      others.waitFor();
      assertThat(others.inputValue()).isEqualTo(ranking.get(1));
      assertThat(others.locator("option").allTextContents())
          .containsExactlyElementsOf(ranking.subList(1, 5));
      assertThat(row.textContent()).contains("worse than");
      visit.assertAccessible();
      others.selectOption(ranking.get(2));
      Request sent =
          visit
              .page()
              .waitForRequest(
                  "**/v1/feedback", () -> row.locator("button:has-text('Send')").click());
      assertThat(JsonTrees.read(sent.postData()))
          .isEqualTo(JsonTrees.object().put("better", ranking.get(2)).put("worse", first));
      row.locator(".mark.wrong").waitFor();
      assertThat(row.locator(".mark").textContent())
          .contains("worse than " + ranking.get(2), "both vectors moved");
      visit
          .page()
          .waitForCondition(() ->
              visit
                  .announced()
                  .equals(
                      "Sent: %s worse than %s. Both vectors moved"
                          .formatted(ranking.get(0), ranking.get(2))));
      visit.page().reload();
      Locator mark = row(visit, first).locator(".mark.wrong");
      mark.waitFor();
      assertThat(mark.textContent()).isEqualTo("worse than " + ranking.get(2));
      row(visit, first).locator(".open").click();
      visit.see(
          "dialog.details [role='status']:has-text('Said: worse than %s.')"
              .formatted(ranking.get(2)));
      assertThat(visit.page().locator("dialog.details select").count()).isZero();
    }
  }

  @Test
  void details_ofAPoolFromVotes_compareTheAnswer(@TempDir Path folder) throws IOException {
    ModelSpace space = InventedSpace.ofVotes(5);
    List<String> ranking = ranking(space, "a question of geography");
    try (ServedGateway voted = new ServedGateway(folder, space, "");
        BrowserTab visit = browser.visit(voted.address()).to("#/live")) {
      String id = voted.ask("auto", "a question of geography");
      row(visit, id).locator(".open").click();
      visit.see("dialog.details select");
      visit.assertAccessible();
      Request sent =
          visit
              .page()
              .waitForRequest(
                  "**/v1/feedback",
                  () -> visit.see("dialog.details button:has-text('Better than')").click());
      assertThat(JsonTrees.read(sent.postData()))
          .isEqualTo(JsonTrees.object().put("better", id).put("worse", ranking.get(1)));
      visit.see(
          "dialog.details [role='status']:has-text('Said: better than %s.')"
              .formatted(ranking.get(1)));
      Locator behind = row(visit, id).locator(".mark.right"); // heard of by its event
      behind.waitFor();
      assertThat(behind.textContent()).isEqualTo("better than " + ranking.get(1));
    }
  }

  /// The models by their probability on a text, the highest first.
  private static List<String> ranking(ModelSpace space, String text) {
    float[] vector = new InventedSpace.WordEncoder().encode(List.of(text)).row(0);
    return space
        .artifact()
        .served(space.questions())
        .forecast(text, vector, Attributes.NONE)
        .models()
        .stream()
        .sorted(Comparator.comparingDouble(Forecast.ModelForecast::probability).reversed())
        .map(Forecast.ModelForecast::model)
        .toList();
  }

  @Test
  void decision_madeBeforeTheFirstEvent_isCaughtUp() {
    try (BrowserTab visit = browser.visit(gateway.address())) {
      List<Route> streams = new ArrayList<>();
      visit.page().route("**/ui/api/live", streams::add);
      visit.to("#/live");
      visit.see(".facts");
      visit.page().waitForCondition(() -> !streams.isEmpty());
      String between = gateway.ask("auto", "between the list and the events: law");
      visit.page().unroute("**/ui/api/live");
      streams.forEach(Route::resume);
      row(visit, between);
    }
  }

  @Test
  void feedback_fromElsewhere_isShown() {
    String id = gateway.ask("auto", "one of law");
    try (BrowserTab visit = browser.visit(gateway.address()).to("#/live");
        BrowserTab other = withClock().to("#/live")) {
      visit.see(".live-status.following");
      row(visit, id);
      row(other, id).locator(".say[data-score='0']").click();
      pastUndo(other);
      row(visit, id).locator(".mark.wrong").waitFor();
    }
  }

  @Test
  void feedback_refused_isSaidInItsRow() {
    String id = gateway.ask("auto", "two of law");
    try (BrowserTab visit = withClock().expectingFailures().to("#/live")) {
      Locator row = row(visit, id);
      visit
          .page()
          .route(
              "**/v1/feedback",
              route ->
                  route.fulfill(
                      new Route.FulfillOptions()
                          .setStatus(503)
                          .setBody("{\"error\":{\"message\":\"the feedback was not kept\"}}")));
      row.locator(".say[data-score='1']").click();
      pastUndo(visit);
      row.locator("[role=alert]").waitFor();
      assertThat(row.textContent()).contains("the feedback was not kept");
      assertThat(row.locator(".say").count()).isEqualTo(2);
    }
  }

  @Test
  void paused_newDecisions_waitUntilAskedFor() {
    try (BrowserTab visit = browser.visit(gateway.address()).to("#/live")) {
      visit.see(".live-status.following");
      visit.see(".facts");
      visit.button("Pause").press("Enter");
      String id = gateway.ask("auto", "while paused: arithmetic");
      visit.see(".fresh");
      assertThat(visit.page().locator("[data-decision='" + id + "']").count()).isZero();
      visit.button("Show 1 new decision").press("Enter");
      row(visit, id);
    }
  }

  @Test
  void paused_beforeThePastArrived_showsItAndCountsWhatIsNewAlone() {
    String past = gateway.ask("auto", "before: arithmetic");
    try (BrowserTab visit = browser.visit(gateway.address())) {
      List<Route> waiting = new ArrayList<>();
      visit.page().route("**/ui/api/live/summary?**", waiting::add);
      visit.to("#/live");
      visit.see(".live-status.following");
      visit.button("Pause").press("Enter");
      String fresh = gateway.ask("auto", "while the past is on its way: arithmetic");
      visit.see(".fresh");
      visit.page().unroute("**/ui/api/live/summary?**");
      waiting.forEach(Route::resume);
      row(visit, past);
      assertThat(visit.page().locator("[data-decision='" + fresh + "']").count()).isZero();
      visit.button("Show 1 new decision").press("Enter");
      row(visit, fresh);
      assertThat(visit.page().locator(".decisions tbody tr").first().getAttribute("data-decision"))
          .isEqualTo(fresh);
    }
  }

  @Test
  void failedRequest_saysWhyAndAsksForNoFeedback() {
    String id = gateway.ask("behind-nothing", "arithmetic");
    try (BrowserTab visit = browser.visit(gateway.address()).to("#/live")) {
      assertThat(row(visit, id).textContent()).contains("failed: 5", "no answer");
      assertThat(row(visit, id).locator(".say").count()).isZero();
    }
  }

  @Test
  void connection_lost_isSaidMadeAgainAndMissesNothing() {
    try (BrowserTab visit = browser.visit(gateway.address()).expectingFailures()) {
      visit.page().route("**/ui/api/live", Route::abort);
      visit.to("#/live");
      visit.see(".live-status.broken");
      visit.page().waitForCondition(() -> visit.announced().startsWith("Connection lost"));
      visit.assertAccessible();
      visit.see(".facts");
      String missed = gateway.ask("auto", "meanwhile: law");
      visit.page().unroute("**/ui/api/live");
      visit.see(".live-status.following");
      row(visit, missed);
      row(visit, gateway.ask("auto", "again: law"));
    }
  }

  @Test
  void live_inExplore_saysHowToStartAGateway() {
    try (ExploreServer explored = ExploreServer.invented(InventedSpace.of(4));
        BrowserTab visit = browser.visit(explored.address()).to("#/live")) {
      assertThat(visit.see(".state .command").textContent())
          .contains("./embedllm serve invented.safetensors --config gateway.yaml");
      visit.assertAccessible();
    }
  }

  @Test
  void playground_besideAGateway_givesACurlOfIt() {
    try (BrowserTab visit = browser.visit(gateway.address()).to("#/playground")) {
      visit.see("#prompt").fill("a question of law");
      assertThat(visit.see(".result .command code").textContent())
          .startsWith("curl " + gateway.address() + "v1/chat/completions");
    }
  }

  @Test
  void playground_send_showsTheAnswerAsItComes() {
    try (BrowserTab visit = browser.visit(gateway.address()).to("#/playground")) {
      visit.see("#prompt").fill("a question of law");
      visit.button("Send").click();
      visit.see(".answer:has-text('would stand behind this gateway.')");
      visit.see("section [role='status']:has-text('The decision is under Live')");
      visit.assertAccessible();
    }
  }

  private static Locator row(BrowserTab visit, String decision) {
    return visit.see(".decisions tr[data-decision='" + decision + "']");
  }
}
