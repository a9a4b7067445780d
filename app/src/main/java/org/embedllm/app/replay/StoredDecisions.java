package org.embedllm.app.replay;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
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
public record StoredDecisions(
    List<LoggedDecision> decisions, List<String> prompts, int all, int scored, int explored) {
  public StoredDecisions {
    decisions = List.copyOf(decisions);
    prompts = List.copyOf(prompts);
  }

  private static final int ENOUGH = 50;

  /// Decisions with feedback; where fewer than 50 of them had chance in the choice, and there are
  /// comparisons of a shadow, those.
  ///
  /// @param store a SQLite file or a JDBC URL
  static StoredDecisions read(String store) {
    return of(DecisionLog.read(store));
  }

  /// The same of a store's content, or of its latest part.
  public static StoredDecisions of(DecisionLog.Content content) {
    StoredDecisions feedback = ofFeedback(content.decisions());
    if (feedback.explored() >= ENOUGH || content.comparisons().isEmpty()) {
      return feedback;
    }
    return ofComparisons(content);
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
        decisions.add(new LoggedDecision(candidates, chosen, score));
        prompts.add(record.prompt().orElse(""));
      }
    }
    return new StoredDecisions(
        decisions, prompts, content.decisions().size(), decisions.size(), decisions.size());
  }

  private static int index(List<Candidate> candidates, String model) {
    for (int k = 0; k < candidates.size(); k++) {
      if (candidates.get(k).model().equals(model)) {
        return k;
      }
    }
    return -1;
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
    return new StoredDecisions(decisions, prompts, all, scored, explored);
  }
}
