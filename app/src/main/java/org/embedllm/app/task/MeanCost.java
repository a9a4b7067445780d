package org.embedllm.app.task;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.routing.AverageBudget;
import org.embedllm.routing.CallCosts;
import org.embedllm.routing.Route.Candidate;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;

/// The questions over which a budget for the average call is spent: all given prompts, or, for a
/// single prompt, the training questions, which represent the usual prompts.
public final class MeanCost {
  private static final int QUESTIONS = 2_000;

  private MeanCost() {}

  public static AverageBudget overPrompts(
      List<PromptForecasts.OfPrompt> prompts, CallCosts costs, double budget) {
    return AverageBudget.over(
        prompts.stream().map(prompt -> prompt.candidates(costs)).toList(), budget);
  }

  /// @throws BadInputException when the model was written without its questions
  public static AverageBudget overTrainingQuestions(
      ModelInput input, CallCosts costs, double budget) throws IOException {
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
    FloatMatrix vectors = questions.vectors().vectors().selectRows(rows);
    FloatMatrix forecasts = input.artifact().forecaster().forecast(vectors);
    FloatMatrix expected = costs.expected(questions.matrix().selectQuestions(rows), vectors);
    List<List<Candidate>> all = new ArrayList<>(rows.length);
    for (int at = 0; at < rows.length; at++) {
      List<Candidate> candidates = new ArrayList<>(input.models().size());
      for (int i = 0; i < input.models().size(); i++) {
        candidates.add(
            new Candidate(
                input.models().get(i),
                forecasts.get(at, i),
                Double.NaN,
                Double.NaN,
                expected.get(at, i)));
      }
      all.add(candidates);
    }
    return AverageBudget.over(all, budget);
  }
}
