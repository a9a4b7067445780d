package org.embedllm.app.task;

import java.util.List;
import org.embedllm.correctness.UsageQuantity;
import org.embedllm.routing.CallCosts;
import org.embedllm.routing.Route.Candidate;
import org.embedllm.usage.UsageEstimate;

/// The models that could answer a prompt, with what a call to each is expected to take.
public final class PromptCandidates {
  private PromptCandidates() {}

  public static List<Candidate> of(PromptForecasts.OfPrompt prompt, CallCosts costs) {
    return prompt.forecast().models().stream()
        .map(one ->
            new Candidate(
                one.model(),
                one.probability(),
                one.low(),
                one.high(),
                costs.cost(one.model(), prompt.tokens(), prompt.usage()).mean(),
                prompt
                    .usage()
                    .of(one.model(), UsageQuantity.SECONDS)
                    .map(UsageEstimate::mean)
                    .orElse(Double.NaN)))
        .toList();
  }
}
