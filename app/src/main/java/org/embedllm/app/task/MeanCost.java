package org.embedllm.app.task;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.routing.AverageBudget;
import org.embedllm.routing.ModelPrices;
import org.embedllm.routing.Route.Candidate;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;

/// The questions over which a budget for the average call is spent: all given prompts, or, for a
/// single prompt, the training questions, which represent the usual prompts.
public final class MeanCost {
  private static final int QUESTIONS = 2_000;

  private MeanCost() {}

  /// The candidates of a prompt, with the cost of a call.
  public static List<Candidate> candidates(
      PromptForecasts.OfPrompt prompt, PriceFlags.Costs costs) {
    ToDoubleFunction<String> cost = costs.ofPrompt(prompt.tokens());
    return prompt.forecast().models().stream()
        .map(one ->
            new Candidate(
                one.model(),
                one.probability(),
                one.low(),
                one.high(),
                cost.applyAsDouble(one.model())))
        .toList();
  }

  public static AverageBudget overPrompts(
      List<PromptForecasts.OfPrompt> prompts, PriceFlags.Costs costs, double budget) {
    return AverageBudget.over(
        prompts.stream().map(prompt -> candidates(prompt, costs)).toList(), budget);
  }

  /// @throws BadInputException when the model was written without its questions
  public static AverageBudget overTrainingQuestions(
      ModelInput input, PriceFlags.Costs costs, double budget) throws IOException {
    TrainingQuestions questions =
        input
            .questions()
            .orElseThrow(() ->
                BadInputException.in(
                    input.path(),
                    "has no training questions to average over (%s): give the prompts with --file"
                        .formatted(input.withoutQuestions())));
    int count = questions.matrix().questionCount();
    int step = Math.max(1, Math.ceilDiv(count, QUESTIONS));
    int[] rows = java.util.stream.IntStream.iterate(0, j -> j < count, j -> j + step).toArray();
    FloatMatrix forecasts =
        input.artifact().forecaster().forecast(questions.vectors().vectors().selectRows(rows));
    List<List<Candidate>> all = new ArrayList<>(rows.length);
    for (int at = 0; at < rows.length; at++) {
      String text = questions.matrix().questions().get(rows[at]).text();
      ToDoubleFunction<String> cost = costs.ofPrompt(ModelPrices.estimatedTokens(text));
      List<Candidate> candidates = new ArrayList<>(input.models().size());
      for (int i = 0; i < input.models().size(); i++) {
        String model = input.models().get(i);
        double p = forecasts.get(at, i);
        candidates.add(new Candidate(model, p, p, p, cost.applyAsDouble(model)));
      }
      all.add(candidates);
    }
    return AverageBudget.over(all, budget);
  }
}
