package org.embedllm.app.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.PriceFlags;
import org.embedllm.app.task.PromptForecasts;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `embedllm forecast MODEL [PROMPT]`: the probability that each model answers correctly.
@Command(
    name = "forecast",
    description = "Forecasts for each model the probability of a right answer.",
    footer = {
      "",
      "The interval says between what shares of right answers a model has on questions like this one.",
      "",
      "Example: embedllm forecast pool.safetensors 'Is 2^61 - 1 prime?'",
    })
public final class ForecastCommand implements Callable<Integer> {
  private static final String FAR =
      "far from every training question: these are the models' usual shares of right answers";

  @Mixin private Console console;
  @Mixin private PromptFlags prompts;
  @Mixin private PriceFlags prices;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Models shown to people. Default: ${DEFAULT-VALUE}.",
      defaultValue = "20")
  private int top;

  @Override
  public Integer call() throws IOException {
    ModelInput input = ModelInput.open(prompts.model());
    PriceFlags.Costs costs = prices.costs(input, console);
    List<Map<String, @Nullable Object>> documents = new ArrayList<>();
    for (var prompt : PromptForecasts.of(input, prompts.read(input), console)) {
      var cost = costs.ofPrompt(prompt.tokens());
      List<ModelForecast> ranked = new ArrayList<>(prompt.forecast().models());
      ranked.sort(Comparator.comparingDouble(ModelForecast::probability).reversed());
      List<Map<String, @Nullable Object>> ranking = new ArrayList<>();
      for (ModelForecast one : ranked) {
        ranking.add(
            RankingText.json(
                one.model(),
                one.probability(),
                one.low(),
                one.high(),
                cost.applyAsDouble(one.model())));
      }
      documents.add(
          new Json()
              .put("prompt", prompt.prompt())
              .put("abstain", prompt.forecast().abstain())
              .put("reason", prompt.forecast().abstain() ? FAR : null)
              .put("ranking", ranking)
              .put("seconds", prompt.seconds())
              .document());
      print(prompt, ranked, costs);
    }
    console.json(prompts.single() ? documents.getFirst() : documents);
    return ExitStatus.DONE;
  }

  private void print(
      PromptForecasts.OfPrompt prompt, List<ModelForecast> ranked, PriceFlags.Costs costs) {
    console.line("%s", PromptForecasts.shortened(prompt.prompt()));
    if (prompt.forecast().abstain()) {
      console.line(FAR);
    }
    var cost = costs.ofPrompt(prompt.tokens());
    RankingText table = new RankingText(costs.prices().known());
    ranked.stream()
        .limit(Math.max(1, top))
        .forEach(one ->
            table.row(
                one.model(),
                one.probability(),
                one.low(),
                one.high(),
                cost.applyAsDouble(one.model())));
    table.print(console, ranked.size());
  }
}
