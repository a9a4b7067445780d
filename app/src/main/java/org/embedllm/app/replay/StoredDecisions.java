package org.embedllm.app.replay;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.embedllm.forecast.Forecast;
import org.embedllm.gateway.observe.DecisionRecord;
import org.embedllm.gateway.rollout.Assignment;
import org.embedllm.gateway.shadow.Comparison;
import org.embedllm.gateway.store.DecisionLog;
import org.embedllm.offpolicy.LoggedDecision;
import org.embedllm.offpolicy.LoggedDecision.Candidate;

/// The decisions of a gateway's store from which something can be concluded. Not loaded where the
/// gateway is not installed.
///
/// @param decisions with a score and the probabilities of the choice
/// @param prompts text of each of them; empty where the store does not keep it
/// @param all decisions in the store
/// @param scored of them, with feedback or a judge's score
/// @param explored of those with a score and probabilities, where another choice was possible
/// @param judged whether the scores are those of the shadow's judge, else they are feedback
public record StoredDecisions(
    List<LoggedDecision> decisions,
    List<String> prompts,
    int all,
    int scored,
    int explored,
    boolean judged) {
  public StoredDecisions {
    decisions = List.copyOf(decisions);
    prompts = List.copyOf(prompts);
  }

  private static final int ENOUGH = 50;

  /// Decisions with feedback, then those of the shadow's comparisons. The comparisons alone where
  /// fewer than 50 decisions with feedback had chance in the choice; the feedback alone where there
  /// are no comparisons.
  ///
  /// @param store a SQLite file or a JDBC URL
  static List<StoredDecisions> read(String store) {
    return of(DecisionLog.read(store));
  }

  /// The same of a store's content, or of its latest part.
  public static List<StoredDecisions> of(DecisionLog.Content content) {
    StoredDecisions feedback = ofFeedback(content.decisions());
    StoredDecisions compared = ofComparisons(content);
    if (compared.decisions().isEmpty()) {
      return List.of(feedback);
    }
    return feedback.explored() >= ENOUGH ? List.of(feedback, compared) : List.of(compared);
  }

  /// The other model of a comparison was drawn at random. So one of the two answers is taken with a
  /// known probability too, such that each candidate has the same: 1 / k.
  private static StoredDecisions ofComparisons(DecisionLog.Content content) {
    Map<String, DecisionRecord> byId = new HashMap<>();
    content.decisions().forEach(record -> byId.put(record.id(), record));
    List<LoggedDecision> decisions = new ArrayList<>();
    List<String> prompts = new ArrayList<>();
    for (Comparison comparison : content.comparisons()) {
      DecisionRecord record = byId.get(comparison.decision());
      if (record == null || record.choice().assignment().candidates().isEmpty()) {
        continue;
      }
      double share = 1.0 / (comparison.candidates() + 1);
      boolean own = new SplittableRandom(comparison.decision().hashCode()).nextDouble() < share;
      String taken = own ? comparison.answered() : comparison.other();
      List<Candidate> candidates =
          record.choice().assignment().candidates().stream()
              .map(c -> new Candidate(c.model(), share, c.probability(), c.cost()))
              .toList();
      int chosen = index(candidates, taken);
      if (chosen >= 0) {
        double score = own ? comparison.answeredScore() : comparison.otherScore();
        decisions.add(
            new LoggedDecision(
                candidates,
                chosen,
                score,
                new LoggedDecision.Given(
                    comparison.answeredScore(), cost(candidates, comparison.answered()))));
        prompts.add(record.prompt().orElse(""));
      }
    }
    return new StoredDecisions(
        decisions, prompts, content.decisions().size(), decisions.size(), decisions.size(), true);
  }

  private static double cost(List<Candidate> candidates, String model) {
    int place = index(candidates, model);
    return place < 0 ? Double.NaN : candidates.get(place).cost();
  }

  private static int index(List<Candidate> candidates, String model) {
    for (int k = 0; k < candidates.size(); k++) {
      if (candidates.get(k).model().equals(model)) {
        return k;
      }
    }
    return -1;
  }

  /// The same with other forecasts.
  ///
  /// @param forecasts of the prompts, in their order
  StoredDecisions with(List<Forecast> forecasts) {
    List<LoggedDecision> again = new ArrayList<>();
    for (int i = 0; i < forecasts.size(); i++) {
      LoggedDecision old = decisions.get(i);
      Map<String, Double> fresh = new HashMap<>();
      forecasts.get(i).models().forEach(f -> fresh.put(f.model(), f.probability()));
      List<Candidate> candidates =
          old.candidates().stream()
              .map(c ->
                  new Candidate(
                      c.model(),
                      c.propensity(),
                      fresh.getOrDefault(c.model(), Double.NaN),
                      c.cost()))
              .toList();
      again.add(new LoggedDecision(candidates, old.chosen(), old.outcome(), old.given()));
    }
    return new StoredDecisions(again, prompts, all, scored, explored, judged);
  }

  private static StoredDecisions ofFeedback(List<DecisionRecord> records) {
    List<LoggedDecision> decisions = new ArrayList<>();
    List<String> prompts = new ArrayList<>();
    int all = 0;
    int scored = 0;
    int explored = 0;
    for (DecisionRecord record : records) {
      all++;
      if (record.score().isEmpty()) {
        continue;
      }
      scored++;
      Assignment assignment = record.choice().assignment();
      List<Candidate> candidates =
          assignment.candidates().stream()
              .map(c -> new Candidate(c.model(), c.propensity(), c.probability(), c.cost()))
              .toList();
      int chosen = index(candidates, record.choice().model());
      if (chosen < 0 || candidates.get(chosen).propensity() <= 0) {
        continue;
      }
      explored += candidates.get(chosen).propensity() < 1 ? 1 : 0;
      decisions.add(new LoggedDecision(candidates, chosen, record.score().get()));
      prompts.add(record.prompt().orElse(""));
    }
    return new StoredDecisions(decisions, prompts, all, scored, explored, false);
  }
}
