package org.embedllm.app.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.embedllm.routing.Route;
import org.embedllm.routing.Router;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `embedllm route MODEL [PROMPT]`: which model should answer, and why.
@Command(name = "route", description = "Chooses the model that should answer a prompt.")
public final class RouteCommand implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private PromptFlags prompts;
  @Mixin private PolicyFlags policy;
  @Mixin private PriceFlags prices;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Models shown to people. Default: ${DEFAULT-VALUE}.",
      defaultValue = "5")
  private int top;

  @Override
  public Integer call() throws IOException {
    Router router = new Router(policy.policy());
    ModelInput input = ModelInput.open(prompts.model());
    PriceFlags.Costs costs = prices.costs(input, console);
    if (policy.needsPrices() && !costs.prices().known()) {
      throw BadInputException.of(
          "this policy needs prices and the logs had none: give --prices FILE, a CSV model,input,output,call");
    }
    List<Map<String, @Nullable Object>> documents = new ArrayList<>();
    for (var prompt : PromptForecasts.of(input, prompts.read(), console)) {
      long before = System.nanoTime();
      Route route = router.route(prompt.forecast().models(), costs.ofPrompt(prompt.tokens()));
      double seconds = prompt.seconds() + (System.nanoTime() - before) / 1e9;
      documents.add(json(prompt, route, seconds));
      print(prompt, route, costs.prices().known());
    }
    console.json(prompts.single() ? documents.getFirst() : documents);
    return ExitStatus.DONE;
  }

  private static Map<String, @Nullable Object> json(
      PromptForecasts.OfPrompt prompt, Route route, double seconds) {
    return new Json()
        .put("prompt", prompt.prompt())
        .put("route", route.model())
        .put("reason", route.reason())
        .put("abstain", prompt.forecast().abstain())
        .put(
            "ranking",
            route.ranking().stream()
                .map(c -> RankingText.json(c.model(), c.probability(), c.low(), c.high(), c.cost()))
                .toList())
        .put("seconds", seconds)
        .document();
  }

  private void print(PromptForecasts.OfPrompt prompt, Route route, boolean priced) {
    console.line("%s", PromptForecasts.shortened(prompt.prompt()));
    console.line("→ %s: %s", route.model(), route.reason());
    if (prompt.forecast().abstain()) {
      console.line("far from every training question: this ranking rests on little");
    }
    RankingText table = new RankingText(priced);
    route.ranking().stream()
        .limit(Math.max(1, top))
        .forEach(c -> table.row(c.model(), c.probability(), c.low(), c.high(), c.cost()));
    table.print(console, route.ranking().size());
  }
}
