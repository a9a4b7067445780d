package org.embedllm.app.replay;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.gateway.observe.DecisionRecord;
import org.embedllm.gateway.rollout.Assignment;
import org.embedllm.gateway.store.DecisionLog;
import org.embedllm.offpolicy.LoggedDecision;
import org.embedllm.offpolicy.LoggedDecision.Candidate;

/// The decisions of a gateway's store from which something can be concluded. Not loaded where the
/// gateway is not installed.
///
/// @param decisions with an outcome and the probabilities of the choice
/// @param prompts text of each of them; empty where the store does not keep it
/// @param all decisions in the store
/// @param withOutcome of them, with feedback
/// @param explored of those with an outcome and probabilities, where another choice was possible
record StoredDecisions(
    List<LoggedDecision> decisions, List<String> prompts, int all, int withOutcome, int explored) {
  StoredDecisions {
    decisions = List.copyOf(decisions);
    prompts = List.copyOf(prompts);
  }

  /// @param store a SQLite file or a JDBC URL
  static StoredDecisions read(String store) {
    List<LoggedDecision> decisions = new ArrayList<>();
    List<String> prompts = new ArrayList<>();
    int all = 0;
    int outcomes = 0;
    int explored = 0;
    for (DecisionRecord record : DecisionLog.read(store)) {
      all++;
      if (record.score().isEmpty()) {
        continue;
      }
      outcomes++;
      Assignment assignment = record.choice().assignment();
      List<Candidate> candidates =
          assignment.candidates().stream()
              .map(c -> new Candidate(c.model(), c.propensity(), c.probability(), c.cost()))
              .toList();
      int chosen = -1;
      for (int k = 0; k < candidates.size(); k++) {
        chosen = candidates.get(k).model().equals(record.choice().model()) ? k : chosen;
      }
      if (chosen < 0 || candidates.get(chosen).propensity() <= 0) {
        continue;
      }
      explored += candidates.get(chosen).propensity() < 1 ? 1 : 0;
      decisions.add(new LoggedDecision(candidates, chosen, record.score().get()));
      prompts.add(record.prompt().orElse(""));
    }
    return new StoredDecisions(decisions, prompts, all, outcomes, explored);
  }
}
