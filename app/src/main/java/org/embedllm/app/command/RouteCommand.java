package org.embedllm.app.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.JsonDocuments;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.option.PolicyFlags;
import org.embedllm.app.option.PriceFlags;
import org.embedllm.app.option.PromptFlags;
import org.embedllm.app.task.MeanCost;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.Prompt;
import org.embedllm.app.task.PromptEncoder;
import org.embedllm.app.task.PromptForecasts;
import org.embedllm.app.task.ServingChoice;
import org.embedllm.app.task.VoteLeaderboard;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.ServedForecaster;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.forecast.Advantage;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.routing.AverageBudget;
import org.embedllm.routing.CallCosts;
import org.embedllm.routing.Route;
import org.embedllm.routing.Router;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.routing.SingleBest;
import org.embedllm.storage.BadInputException;
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
      "          embedllm route pool.safetensors --file prompts.txt --target 0.8 --prices"
          + " prices.csv",
    })
public final class RouteCommand implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private PromptFlags prompts;
  @Mixin private PolicyFlags policy;
  @Mixin private PriceFlags prices;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Models shown in the text output. Default: ${DEFAULT-VALUE}.",
      defaultValue = "5")
  private int top;

  @Override
  public Integer call() throws IOException {
    try (PromptEncoder encoder = prompts.encoder()) {
      return route(encoder);
    }
  }

  private int route(PromptEncoder encoder) throws IOException {
    OptionalDouble meanBudget = policy.meanBudget();
    Router router =
        new Router(
            meanBudget.isPresent() ? new RoutingPolicy.Best() : policy.policy(),
            policy.maxSeconds());
    ModelInput input = ModelInput.open(prompts.model());
    ServedForecaster served = input.served();
    CallCosts costs = prices.costs(input, console);
    policy.requireTimes(input.artifact().usage());
    if (policy.needsPrices() && !costs.known()) {
      throw BadInputException.of(
          "this policy needs prices and the logs had none: give --prices FILE, a CSV"
              + " model,input,output,call");
    }
    List<Prompt> read = prompts.read(input);
    ForecastQuantity quantity = input.artifact().quantity();
    JsonDocuments documents = console.jsonDocuments(prompts.single());
    Routing routing =
        new Routing(input, served, single(input.artifact()), router, costs, documents);
    Optional<AverageBudget> average = Optional.empty();
    try (Progress progress = PromptFlags.progress("route", read, console)) {
      if (meanBudget.isEmpty()) {
        PromptForecasts.each(
            input, read, encoder, progress, prompt -> print(routing, prompt, Optional.empty()));
      } else {
        // A mean is over all prompts, so their forecasts wait for the last one.
        List<PromptForecasts.OfPrompt> forecasts = new ArrayList<>();
        PromptForecasts.each(input, read, encoder, progress, forecasts::add);
        average =
            Optional.of(
                prompts.single()
                    ? MeanCost.overTrainingQuestions(input, costs, meanBudget.getAsDouble())
                    : MeanCost.overPrompts(forecasts, costs, meanBudget.getAsDouble()));
        for (PromptForecasts.OfPrompt prompt : forecasts) {
          print(routing, prompt, average);
        }
      }
    }
    documents.end();
    if (served.kind() != ServedForecaster.Kind.ROUTER) {
      console.line(
          "Routed by %s, which did best on validation questions.",
          ServingChoice.words(served.kind()));
    }
    QuantityText.explain(quantity, console);
    average.ifPresent(a ->
        console.line(
            "average call: %s expected over the %s, budget %s",
            TextTable.dollars(a.meanCost()), averagedOver(), TextTable.dollars(a.budget())));
    return ExitStatus.DONE;
  }

  /// What routes prompts, and where the results go.
  private record Routing(
      ModelInput input,
      ServedForecaster served,
      String single,
      Router router,
      CallCosts costs,
      JsonDocuments documents) {}

  private void print(
      Routing routing, PromptForecasts.OfPrompt prompt, Optional<AverageBudget> average) {
    long before = System.nanoTime();
    CallCosts costs = routing.costs();
    ServedForecaster served = routing.served();
    ForecastQuantity quantity = routing.input().artifact().quantity();
    Route route =
        average.isPresent()
            ? average.get().route(prompt.candidates(costs))
            : routing.router().route(prompt.candidates(costs));
    double seconds = prompt.seconds() + (System.nanoTime() - before) / 1e9;
    Advantage advantage = advantage(served, routing.single(), prompt, route);
    Json json =
        QuantityText.json(json(prompt, route, advantage, costs, seconds), quantity)
            .put("served", served.kind().label());
    average.ifPresent(a -> json.put("meanCost", a.meanCost()).put("averagedOver", averagedOver()));
    routing.documents().add(json.document());
    print(prompt, route, advantage, costs.known(), quantity);
  }

  private String averagedOver() {
    return prompts.single() ? "training questions" : "prompts";
  }

  private static String single(ModelArtifact artifact) {
    AnswerCounts training = artifact.training();
    return VoteLeaderboard.first(artifact)
        .orElseGet(() -> training.models().get(SingleBest.overall(training).model()));
  }

  /// The chosen model beside the best single model on prompts like this one.
  private static Advantage advantage(
      ServedForecaster served, String single, PromptForecasts.OfPrompt prompt, Route route) {
    return prompt.forecast().abstain()
        ? new Advantage(single, Double.NaN, Double.NaN, Double.NaN)
        : served.forecaster().advantage(prompt.vector().row(0), route.model(), single);
  }

  private static Json json(
      PromptForecasts.OfPrompt prompt,
      Route route,
      Advantage advantage,
      CallCosts costs,
      double seconds) {
    return new Json()
        .put("prompt", prompt.prompt())
        .put("route", route.model())
        .put("reason", reason(prompt, route))
        .put("abstain", prompt.forecast().abstain())
        .put(
            "advantage",
            new Json()
                .put("over", advantage.over())
                .put("points", advantage.points())
                .put("low", advantage.low())
                .put("high", advantage.high()))
        .put(
            "ranking",
            route.ranking().stream().map(c -> RankingText.json(c, prompt, costs)).toList())
        .put("seconds", seconds);
  }

  private static String reason(PromptForecasts.OfPrompt prompt, Route route) {
    return prompt.forecast().abstain() ? route.asAbstained().reason() : route.reason();
  }

  private void print(
      PromptForecasts.OfPrompt prompt,
      Route route,
      Advantage advantage,
      boolean priced,
      ForecastQuantity quantity) {
    console.line("%s", PromptForecasts.shortened(prompt.prompt()));
    console.line("→ %s: %s", route.model(), reason(prompt, route));
    if (!advantage.over().equals(route.model()) && !Double.isNaN(advantage.points())) {
      console.line("%s", sentence(advantage));
    }
    RankingText table = new RankingText(prompt, priced, quantity);
    route.ranking().stream().limit(Math.max(1, top)).forEach(table::row);
    table.print(console, route.ranking().size());
  }

  private static String sentence(Advantage advantage) {
    String points =
        String.format(
            Locale.ROOT,
            "on prompts like this one %+.1f points beside %s, the best single model",
            advantage.points(),
            advantage.over());
    return Double.isNaN(advantage.low())
        ? points
        : points
            + String.format(
                Locale.ROOT, " (95 %% interval %+.1f to %+.1f)", advantage.low(), advantage.high());
  }
}
