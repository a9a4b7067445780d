package org.embedllm.app.task;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Progress;
import org.embedllm.artifact.ServedForecaster;
import org.embedllm.correctness.Attributes;
import org.embedllm.forecast.Forecast;
import org.embedllm.question.AttributeEncoding;
import org.embedllm.question.EncodedTexts;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.routing.CallCosts;
import org.embedllm.routing.Route;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.usage.UsageForecast;
import org.embedllm.usage.UsageModel;

/// From the text of prompts to forecasts, with the encoder a model was trained with.
public final class PromptForecasts {
  private static final int AT_ONCE = 256;

  private PromptForecasts() {}

  /// The forecast of one prompt.
  ///
  /// @param prompt its text
  /// @param tokens its length as the encoder counts it; 0 where unknown
  /// @param vector its vector with the columns of its attributes behind, [1, q + p]
  /// @param forecast of every model of the pool; where the forecaster declines, their results in
  ///   training
  /// @param usage what each model's answer is expected to take
  /// @param seconds for encoding and forecasting it, an equal share where prompts are encoded
  ///   together
  public record OfPrompt(
      String prompt,
      int tokens,
      FloatMatrix vector,
      Forecast forecast,
      UsageForecast usage,
      double seconds) {
    /// The models that could answer it, with what a call to each is expected to take.
    public List<Route.Candidate> candidates(CallCosts costs) {
      return costs.candidates(forecast, tokens, usage);
    }
  }

  /// Is given one forecast after another.
  @FunctionalInterface
  public interface Each {
    void accept(OfPrompt forecast) throws IOException;
  }

  /// Forecasts of texts of which nothing else is known.
  ///
  /// @param place of the encoder, where it is not the one that the model names
  /// @throws org.embedllm.storage.BadInputException when the encoder is missing or has changed
  public static List<OfPrompt> ofTexts(
      ModelInput input, List<String> prompts, Optional<String> place, Console console)
      throws IOException {
    List<OfPrompt> forecasts = new ArrayList<>(prompts.size());
    try (PromptEncoder encoder = new PromptEncoder(input.path(), place, prompts.size() == 1);
        Progress progress =
            prompts.size() <= AT_ONCE
                ? Progress.NONE
                : console.progress("forecast", prompts.size(), "prompts")) {
      List<Prompt> alone = prompts.stream().map(p -> new Prompt(p, Map.of())).toList();
      each(input, alone, encoder, progress, forecasts::add);
    }
    return forecasts;
  }

  /// Gives the forecasts in the order of the prompts. At most a few hundred are in memory.
  ///
  /// @throws org.embedllm.storage.BadInputException when the encoder is missing or has changed
  public static void each(
      ModelInput input, List<Prompt> prompts, PromptEncoder loading, Progress progress, Each each)
      throws IOException {
    ServedForecaster served = input.served();
    Optional<UsageModel> usage = input.artifact().usage();
    String first = prompts.isEmpty() ? "" : prompts.getFirst().text();
    CompletableFuture<?> prepared = prepared(first, served, usage, input.artifact().encoder());
    QuestionEncoder encoder = loading.encoder(input.artifact().encoder());
    for (int from = 0; from < prompts.size(); from += AT_ONCE) {
      int to = Math.min(prompts.size(), from + AT_ONCE);
      List<Prompt> some = prompts.subList(from, to);
      for (OfPrompt forecast : of(encoder, prepared, served, usage, some)) {
        each.accept(forecast);
      }
      progress.advanceTo(to);
    }
  }

  /// Makes what the first forecast needs, while the encoder loads: a forecast with some vector.
  /// Where that fails, so does the first forecast, which says why.
  private static CompletableFuture<?> prepared(
      String first, ServedForecaster served, Optional<UsageModel> usage, EncoderIdentity encoder) {
    float[] vector = new float[encoder.dimension()];
    Arrays.fill(vector, 1);
    return CompletableFuture.runAsync(
            () -> {
              served.forecast(first, vector, Attributes.NONE);
              usage.ifPresent(model -> model.forecast(vector));
            },
            task -> Thread.ofPlatform().daemon().name("first forecast").start(task))
        .exceptionally(failure -> null);
  }

  private static List<OfPrompt> of(
      QuestionEncoder encoder,
      CompletableFuture<?> prepared,
      ServedForecaster served,
      Optional<UsageModel> usage,
      List<Prompt> prompts) {
    List<OfPrompt> forecasts = new ArrayList<>(prompts.size());
    long start = System.nanoTime();
    EncodedTexts encoded = encoder.encodeAndCount(prompts.stream().map(Prompt::text).toList());
    double encoding = (System.nanoTime() - start) / 1e9 / prompts.size();
    prepared.join();
    for (int at = 0; at < prompts.size(); at++) {
      long before = System.nanoTime();
      float[] vector = encoded.vectors().row(at);
      AttributeEncoding attributes = served.forecaster().attributes();
      Attributes known = attributes.parsed(prompts.get(at).fields());
      Forecast forecast = served.forecast(prompts.get(at).text(), vector, known);
      UsageForecast expected =
          usage.map(model -> model.forecast(vector)).orElse(UsageForecast.UNKNOWN);
      double seconds = encoding + (System.nanoTime() - before) / 1e9;
      float[] all = attributes.beside(vector, known);
      forecasts.add(
          new OfPrompt(
              prompts.get(at).text(),
              encoded.tokenCounts().get(at),
              FloatMatrix.wrap(1, all.length, all),
              forecast,
              expected,
              seconds));
    }
    return forecasts;
  }

  /// A prompt on one short line.
  public static String shortened(String prompt) {
    String line = prompt.strip().replaceAll("\\s+", " ");
    return line.codePointCount(0, line.length()) <= 72
        ? line
        : line.substring(0, line.offsetByCodePoints(0, 71)) + "…";
  }
}
