package org.embedllm.gateway.responses;

import java.util.Optional;

/// Conversations beyond this process. Safe for several threads.
public interface ResponseStore {
  /// Keeps a conversation soon.
  ///
  /// @param scope whose it is
  /// @param id of its last response
  /// @param items all its items, a JSON array
  void keep(String scope, String id, String items);

  /// A conversation's items; empty where it is not there, or the store does not answer.
  Optional<String> find(String scope, String id);
}
