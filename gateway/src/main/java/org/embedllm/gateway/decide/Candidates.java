package org.embedllm.gateway.decide;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.embedllm.gateway.decide.Decision.Excluded;
import org.embedllm.gateway.decide.DecisionException.Reason;
import org.embedllm.gateway.decide.UnmetNeed.Kind;
import org.embedllm.gateway.openai.RequestBody;

/// Models that could answer a request, and why the others could not.
///
/// @param models at least one
/// @param excluded those that this client may see
record Candidates(List<String> models, List<Excluded> excluded) {
  private static final int NAMED = 8; // in a message

  Candidates {
    models = List.copyOf(models);
    excluded = List.copyOf(excluded);
  }

  /// @param known models with a vector
  /// @throws DecisionException where no model can serve the request
  static Candidates of(
      Upstreams upstreams, Set<String> known, RequestBody body, RequestContext context) {
    boolean restricted = context.allowed().stream().anyMatch(upstreams.models()::contains);
    var models = new ArrayList<String>();
    var excluded = new ArrayList<Excluded>();
    var refusing = new ArrayList<Excluded>();
    for (String model : upstreams.models()) {
      if (restricted && !context.mayUse(model)) {
        continue; // A key sees only what it may name.
      }
      Optional<UnmetNeed> unmet = upstreams.unmet(model, body);
      if (!known.contains(model)) {
        excluded.add(new Excluded(model, new UnmetNeed(Kind.VECTOR, "it has no vector in MODEL")));
      } else if (unmet.isPresent()) {
        excluded.add(new Excluded(model, unmet.get()));
      } else {
        upstreams
            .refused(model, body)
            .ifPresentOrElse(
                need -> refusing.add(new Excluded(model, need)), () -> models.add(model));
      }
    }
    if (models.isEmpty()) {
      // Without the parameter, then.
      models.addAll(refusing.stream().map(Excluded::model).toList());
    } else {
      excluded.addAll(refusing);
    }
    if (models.isEmpty()) {
      throw nobody(excluded);
    }
    return new Candidates(models, excluded);
  }

  private static DecisionException nobody(List<Excluded> excluded) {
    var why = new StringBuilder("no model can serve this request");
    for (Excluded e : excluded.subList(0, Math.min(NAMED, excluded.size()))) {
      why.append("; ").append(e.model()).append(": ").append(e.reason());
    }
    boolean length =
        !excluded.isEmpty() && excluded.stream().allMatch(e -> e.need().kind() == Kind.CONTEXT);
    return new DecisionException(length ? Reason.TOO_LONG : Reason.NO_CANDIDATE, why.toString());
  }
}
