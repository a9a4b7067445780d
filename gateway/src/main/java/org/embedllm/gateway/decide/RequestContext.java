package org.embedllm.gateway.decide;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.embedllm.gateway.access.Client;

/// Who asks, and what is known of the request beside its body.
///
/// @param scope who asks
/// @param session the conversation's name, where the client gives it one
/// @param allowed which models and policies this client may name; all where empty
/// @param attributes what the client says of the request, by name
public record RequestContext(
    String scope, Optional<String> session, List<String> allowed, Map<String, String> attributes) {
  public RequestContext {
    allowed = List.copyOf(allowed);
    attributes = Map.copyOf(attributes);
  }

  /// For a question about what there is, such as a list of models.
  public static RequestContext of(Client client) {
    return of(client, Optional.empty(), Map.of());
  }

  public static RequestContext of(
      Client client, Optional<String> session, Map<String, String> attributes) {
    return new RequestContext(
        client.name().orElse(""),
        session,
        client.key().map(k -> List.copyOf(k.models())).orElse(List.of()),
        attributes);
  }

  public boolean mayUse(String model) {
    return allowed.isEmpty() || allowed.contains(model);
  }

  /// Whether it may leave the choice to a policy: one it may name, or any where it may name models
  /// to choose among.
  ///
  /// @param models all there are
  public boolean mayLetChoose(String policy, Set<String> models) {
    return mayUse(policy) || mayUse("auto") || allowed.stream().anyMatch(models::contains);
  }
}
