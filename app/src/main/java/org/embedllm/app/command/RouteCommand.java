package org.embedllm.app.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.task.MeanCost;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.PriceFlags;
import org.embedllm.app.task.PromptForecasts;
import org.embedllm.routing.AverageBudget;
import org.embedllm.routing.Route;
import org.embedllm.routing.Router;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.routing.SingleBest;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `embedllm route MODEL [PROMPT]`: which model should answer, and why.
@Command(
    name = "route",
    description = "Chooses the model that should answer a prompt.",
    footer = {
      "",
      "Examples: embedllm route pool.safetensors 'Is 2^61 - 1 prime?'",
      "          embedllm route pool.safetensors --file prompts.txt --target 0.8 --prices prices.csv",
    })
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
    OptionalDouble meanBudget = policy.meanBudget();
    Router router = new Router(meanBudget.isPresent() ? new RoutingPolicy.Best() : policy.policy());
    ModelInput input = ModelInput.open(prompts.model());
    PriceFlags.Costs costs = prices.costs(input, console);
    if (policy.needsPrices() && !costs.prices().known()) {
      throw BadInputException.of(
          "this policy needs prices and the logs had none: give --prices FILE, a CSV model,input,output,call");
    }
    String single =
        input.models().get(SingleBest.overall(input.artifact().training()).model());
    List<PromptForecasts.OfPrompt> forecasts = PromptForecasts.of(input, prompts.read(input), console);
    Optional<AverageBudget> average =
        meanBudget.isPresent() && !forecasts.isEmpty()
            ? Optional.of(
                prompts.single()
                    ? MeanCost.overTrainingQuestions(input, costs, meanBudget.getAsDouble())
                    : MeanCost.overPrompts(forecasts, costs, meanBudget.getAsDouble()))
            : Optional.empty();
    List<Map<String, @Nullable Object>> documents = new ArrayList<>();
    for (var prompt : forecasts) {
      long before = System.nanoTime();
      Route route =
          average.isPresent()
              ? average.get().route(MeanCost.candidates(prompt, costs))
              : router.route(prompt.forecast(), costs.ofPrompt(prompt.tokens()), single);
      double seconds = prompt.seconds() + (System.nanoTime() - before) / 1e9;
      Json json = json(prompt, route, seconds);
      average.ifPresent(
          a -> json.put("meanCost", a.meanCost()).put("averagedOver", averagedOver()));
      documents.add(json.document());
      print(prompt, route, costs.prices().known());
    }
    average.ifPresent(a ->
        console.line(
            "average call: %s expected over the %s, budget %s",
            TextTable.dollars(a.meanCost()), averagedOver(), TextTable.dollars(a.budget())));
    console.json(prompts.single() ? documents.getFirst() : documents);
    return ExitStatus.DONE;
  }

  private String averagedOver() {
    return prompts.single() ? "training questions" : "prompts";
  }

  private static Json json(PromptForecasts.OfPrompt prompt, Route route, double seconds) {
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
        .put("seconds", seconds);
  }

  private void print(PromptForecasts.OfPrompt prompt, Route route, boolean priced) {
    console.line("%s", PromptForecasts.shortened(prompt.prompt()));
    console.line("→ %s: %s", route.model(), route.reason());
    RankingText table = new RankingText(priced);
    route.ranking().stream()
        .limit(Math.max(1, top))
        .forEach(c -> table.row(c.model(), c.probability(), c.low(), c.high(), c.cost()));
    table.print(console, route.ranking().size());
  }
}
