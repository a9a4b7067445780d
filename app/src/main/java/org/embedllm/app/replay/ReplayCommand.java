package org.embedllm.app.replay;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.PromptForecasts;
import org.embedllm.offpolicy.OffPolicyEstimate;
import org.embedllm.offpolicy.OffPolicyMethod;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm replay STORE --policy P`: what other policies would have got.
@Command(
    name = "replay",
    description = {
      "Estimates what other policies would have got from a gateway's traffic: from its decisions",
      "with feedback, and the probabilities with which they were made."
    },
    footer = {
      "",
      "The gateway must explore (exploration: {share: 0.02}) or run a canary: from choices",
      "without chance nothing follows about others.",
      "",
      "Example: embedllm replay pool.safetensors.decisions.sqlite --policy best \\",
      "           --policy cheapest@0.8"
    })
public final class ReplayCommand implements Callable<Integer> {
  @Mixin private Console console;

  @Parameters(
      paramLabel = "STORE",
      description = "SQLite file of a gateway, or the JDBC URL of its store.")
  private String store = "";

  @Option(
      names = "--policy",
      required = true,
      paramLabel = "POLICY",
      description = "best, cheapest@P, budget@C, dial@Q, or model:NAME; may be repeated.")
  private List<String> policies = List.of();

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "Policies go by the forecasts of this model file. Needs the prompts in the store"
              + " (store: {prompts: true}).")
  private @Nullable Path model;

  @Option(
      names = "--without",
      paramLabel = "NAME",
      description = "Policies may not choose this model; may be repeated.")
  private List<String> without = List.of();

  @Override
  public Integer call() throws IOException {
    Set<String> left = new HashSet<>(without);
    List<ReplayedPolicy> asked =
        policies.stream().map(text -> ReplayedPolicy.parse(text, left)).toList();
    requireGateway("replay");
    List<StoredDecisions> stored = StoredDecisions.read(store);
    requireUse(stored.getFirst());
    requireKnown(stored, asked);
    if (model != null) {
      stored = forecastAgain(stored, model);
    }
    PolicyEstimates from = new PolicyEstimates(stored);
    List<Map<String, @Nullable Object>> documents = new ArrayList<>();
    TextTable table =
        new TextTable("policy", "method", "by", "estimate", "95 % interval", "counts like", "cost");
    List<TrafficSummary.NamedEstimate> found = new ArrayList<>();
    for (ReplayedPolicy policy : asked) {
      METHODS.forEach(method -> found.add(from.of(policy, method)));
    }
    from.logged("logged", found).forEach(logged -> add(documents, table, "mean", logged));
    List<String> refusals = new ArrayList<>();
    List<TrafficSummary.NamedEstimate> doublyRobust = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      TrafficSummary.NamedEstimate each = found.get(i);
      OffPolicyMethod method = METHODS.get(i % METHODS.size());
      add(documents, table, method.label(), each);
      if (method == OffPolicyMethod.DOUBLY_ROBUST) {
        each.estimate()
            .refusal()
            .ifPresentOrElse(
                reason -> refusals.add(each.policy() + ": " + reason),
                () -> doublyRobust.add(each));
      }
    }
    console.json(documents);
    for (StoredDecisions each : stored) {
      console.line(
          "%,d decisions, %,d with a score by %s, %,d of them with chance in the choice",
          each.all(), each.scored(), each.judged() ? "the judge" : "feedback", each.explored());
    }
    table.print(console);
    refusals.forEach(reason -> console.line("%s", reason));
    console.line("%s", ReplayRecommendation.of(doublyRobust));
    return ExitStatus.DONE;
  }

  private static final List<OffPolicyMethod> METHODS =
      List.of(OffPolicyMethod.DOUBLY_ROBUST, OffPolicyMethod.SNIPS, OffPolicyMethod.IPS);

  static void requireGateway(String command) {
    try {
      Class.forName("org.embedllm.gateway.store.DecisionLog");
    } catch (ClassNotFoundException | NoClassDefFoundError e) {
      throw BadInputException.of(
          command
              + " needs the gateway, embedllm-gateway.jar with its libraries, which is not on the"
              + " class path: "
              + e.getMessage());
    }
  }

  private void requireUse(StoredDecisions stored) {
    if (stored.scored() == 0) {
      throw BadInputException.of(
          "%s has %d decisions, none with a score: send feedback to POST /v1/feedback"
              .formatted(store, stored.all()));
    }
    if (stored.decisions().isEmpty()) {
      throw BadInputException.of(
          "%s has %d decisions with a score, none of them a policy's: let the gateway choose (model auto)"
              .formatted(store, stored.scored()));
    }
  }

  /// Names that no decision has among its candidates are typing errors.
  private void requireKnown(List<StoredDecisions> stored, List<ReplayedPolicy> asked) {
    Set<String> known = new HashSet<>();
    stored.stream()
        .flatMap(each -> each.decisions().stream())
        .forEach(d -> d.candidates().forEach(c -> known.add(c.model())));
    Set<String> named = new HashSet<>(without);
    asked.stream()
        .map(ReplayedPolicy::text)
        .filter(text -> text.startsWith("model:"))
        .forEach(text -> named.add(text.substring("model:".length())));
    for (String name : named) {
      if (!known.contains(name)) {
        throw BadInputException.of(
            "%s knows no model \"%s\"%s"
                .formatted(
                    store,
                    name,
                    org.embedllm.app.cli.Suggestion.didYouMean(name, List.copyOf(known))));
      }
    }
  }

  /// The same decisions with the forecasts of another model file.
  private List<StoredDecisions> forecastAgain(List<StoredDecisions> stored, Path file)
      throws IOException {
    if (stored.stream().anyMatch(each -> each.prompts().stream().anyMatch(String::isEmpty))) {
      throw BadInputException.of(
          "--model needs the prompts, which the store does not keep: serve with store: {prompts:"
              + " true}");
    }
    ModelInput input = ModelInput.open(file);
    List<StoredDecisions> again = new ArrayList<>();
    for (StoredDecisions each : stored) {
      again.add(
          each.with(
              PromptForecasts.ofTexts(input, each.prompts(), Optional.empty(), console).stream()
                  .map(PromptForecasts.OfPrompt::forecast)
                  .toList()));
    }
    return again;
  }

  private void add(
      List<Map<String, @Nullable Object>> documents,
      TextTable table,
      String method,
      TrafficSummary.NamedEstimate named) {
    OffPolicyEstimate estimate = named.estimate();
    documents.add(
        new Json()
            .put("policy", named.policy())
            .put("source", named.source())
            .put("requests", estimate.decisions())
            .put("estimate", known(estimate.value()))
            .put("low", known(estimate.interval().low()))
            .put("high", known(estimate.interval().high()))
            .put("effectiveSamples", estimate.effectiveSamples())
            .put("cost", known(estimate.cost()))
            .put("method", method)
            .put("difference", known(estimate.difference()))
            .put("differenceLow", known(estimate.differenceInterval().low()))
            .put("differenceHigh", known(estimate.differenceInterval().high()))
            .put("reason", estimate.refusal().orElse(null))
            .document());
    boolean told = estimate.refusal().isEmpty();
    table.row(
        named.policy(),
        method,
        named.source(),
        told ? number(estimate.value()) : "–",
        told
            ? number(estimate.interval().low()) + " to " + number(estimate.interval().high())
            : "cannot tell",
        String.format(Locale.ROOT, "%.0f", estimate.effectiveSamples()),
        Double.isNaN(estimate.cost()) ? "–" : String.format(Locale.ROOT, "$%.6f", estimate.cost()));
  }

  private static @Nullable Double known(double value) {
    return Double.isNaN(value) ? null : value;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
