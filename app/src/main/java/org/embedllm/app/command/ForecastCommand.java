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
import org.embedllm.app.cli.JsonDocuments;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.option.PriceFlags;
import org.embedllm.app.option.PromptFlags;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.OneMoreAnswerText;
import org.embedllm.app.task.Prompt;
import org.embedllm.app.task.PromptEncoder;
import org.embedllm.app.task.PromptForecasts;
import org.embedllm.client.RepeatedAnswers;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.routing.CallCosts;
import org.embedllm.routing.Route.Candidate;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `embedllm forecast MODEL [PROMPT]`: the probability that each model answers correctly or, in a
/// pool from votes, is preferred.
@Command(
    name = "forecast",
    description = "Forecasts the probability of a correct answer, for each model.",
    footer = {
      "",
      "The interval covers the share of correct answers that a model has on similar questions.",
      "Of a MODEL that learned from votes, the probability is that of being preferred over an average",
      "model of the pool; the JSON says \"quantity\": \"preference\".",
      "",
      "Example: embedllm forecast pool.safetensors 'Is 2^61 - 1 prime?'",
    })
public final class ForecastCommand implements Callable<Integer> {
  private static final String FAR =
      "unlike the training questions: these are the models' results in training, predicted with an"
          + " interval where a model has none";

  @Mixin private Console console;
  @Mixin private PromptFlags prompts;
  @Mixin private PriceFlags prices;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Models shown in the text output. Default: ${DEFAULT-VALUE}.",
      defaultValue = "20")
  private int top;

  @Option(
      names = "--question",
      paramLabel = "ID",
      description =
          "A training question, by its id or text: what each model would score if it answered it"
              + " once more. MODEL must know how much one answer differs from the next.")
  private @Nullable String question;

  @Override
  public Integer call() throws IOException {
    if (question != null) {
      return again(question);
    }
    try (PromptEncoder encoder = prompts.encoder()) {
      return forecast(encoder);
    }
  }

  private int forecast(PromptEncoder encoder) throws IOException {
    ModelInput input = ModelInput.open(prompts.model());
    CallCosts costs = prices.costs(input, console);
    ForecastQuantity quantity = input.artifact().quantity();
    List<Prompt> read = prompts.read(input);
    JsonDocuments documents = console.jsonDocuments(prompts.single());
    try (Progress progress = PromptFlags.progress("forecast", read, console)) {
      PromptForecasts.each(
          input,
          read,
          encoder,
          progress,
          prompt -> {
            List<Candidate> ranked = new ArrayList<>(prompt.candidates(costs));
            ranked.sort(Comparator.comparingDouble(Candidate::probability).reversed());
            documents.add(document(prompt, ranked, costs, quantity));
            print(prompt, ranked, costs.known(), quantity);
          });
    }
    documents.end();
    QuantityText.explain(quantity, console);
    return ExitStatus.DONE;
  }

  private int again(String of) throws IOException {
    prompts.requireNone("--question");
    List<RepeatedAnswers.OfModel> ranked =
        RepeatedAnswers.of(prompts.model()).ofModels(of).stream()
            .flatMap(List::stream)
            .sorted(Comparator.comparingDouble(RepeatedAnswers.OfModel::expected).reversed())
            .toList();
    if (ranked.isEmpty()) {
      throw BadInputException.in(
          prompts.model(), "was not trained on a question with the id or text \"" + of + "\"");
    }
    OneMoreAnswerText.print(of, ranked, Math.max(1, top), console);
    return ExitStatus.DONE;
  }

  private static Map<String, @Nullable Object> document(
      PromptForecasts.OfPrompt prompt,
      List<Candidate> ranked,
      CallCosts costs,
      ForecastQuantity quantity) {
    return QuantityText.json(new Json().put("prompt", prompt.prompt()), quantity)
        .put("abstain", prompt.forecast().abstain())
        .put("reason", prompt.forecast().abstain() ? FAR : null)
        .put("ranking", ranked.stream().map(c -> RankingText.json(c, prompt, costs)).toList())
        .put("seconds", prompt.seconds())
        .document();
  }

  private void print(
      PromptForecasts.OfPrompt prompt,
      List<Candidate> ranked,
      boolean priced,
      ForecastQuantity quantity) {
    console.line("%s", PromptForecasts.shortened(prompt.prompt()));
    if (prompt.forecast().abstain()) {
      console.line(FAR);
    }
    RankingText table = new RankingText(prompt, priced, quantity);
    ranked.stream().limit(Math.max(1, top)).forEach(table::row);
    table.print(console, ranked.size());
  }
}
