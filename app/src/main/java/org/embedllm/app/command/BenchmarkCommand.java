package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.option.EncoderFlag;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.PromptForecasts;
import org.embedllm.app.task.Prompts;
import org.embedllm.forecast.ExpectedAccuracy;
import org.embedllm.forecast.Forecast;
import org.embedllm.forecast.ForecastQuantity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `embedllm benchmark MODEL QUESTIONS`: the expected accuracy of each model on questions without
/// answers.
@Command(
    name = "benchmark",
    description = "Predicts each model's accuracy on questions without answers.",
    footer = {
      "",
      "Of a MODEL that learned from votes it is the share of questions on which the model is preferred",
      "over an average model of the pool; the JSON says \"quantity\": \"preference\".",
      "",
      "Example: embedllm benchmark pool.safetensors questions.txt",
    })
public final class BenchmarkCommand implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private EncoderFlag encoder;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file that train wrote.")
  private Path model = Path.of("");

  @Parameters(
      index = "1",
      paramLabel = "QUESTIONS",
      description = "Text with one question a line, .jsonl, or .csv with a column prompt.")
  private Path questions = Path.of("");

  @Override
  public Integer call() throws IOException {
    ModelInput input = ModelInput.open(model);
    List<String> texts = Prompts.read(questions);
    List<Forecast> forecasts =
        PromptForecasts.ofTexts(input, texts, encoder.place(), console).stream()
            .map(PromptForecasts.OfPrompt::forecast)
            .toList();
    List<ExpectedAccuracy> expected = new ArrayList<>(ExpectedAccuracy.of(forecasts));
    Json perModel = new Json();
    for (ExpectedAccuracy one : expected) {
      perModel.put(
          one.model(),
          new Json()
              .put("predictedAccuracy", one.accuracy())
              .put("low", one.interval().low())
              .put("high", one.interval().high()));
    }
    long abstained = forecasts.stream().filter(Forecast::abstain).count();
    ForecastQuantity quantity = input.artifact().quantity();
    console.json(
        QuantityText.json(new Json().put("questions", texts.size()), quantity)
            .put("abstained", abstained)
            .put("perModel", perModel)
            .document());
    console.line("%d questions of %s", texts.size(), questions);
    if (abstained > 0) {
      console.line("%d of them are far from every training question", abstained);
    }
    console.line("");
    TextTable table = new TextTable("model", "predicted " + quantity.share(), "95 % interval");
    expected.sort(Comparator.comparingDouble(ExpectedAccuracy::accuracy).reversed());
    expected.forEach(one ->
        table.row(
            one.model(),
            TextTable.percent(one.accuracy()),
            TextTable.percentRange(one.interval().low(), one.interval().high())));
    table.print(console);
    QuantityText.explain(quantity, console);
    return ExitStatus.DONE;
  }
}
