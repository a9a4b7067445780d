package org.embedllm.app.web;

import io.helidon.webserver.http.ServerResponse;
import java.util.Map;
import org.embedllm.app.web.view.Requester;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Decisions of a gateway as they happen.
interface LiveView {
  /// Sends events until the browser or the gateway ends it.
  void follow(ServerResponse response, Requester requester);

  /// The last minutes in figures, with the latest decisions. Where the figures are for others
  /// alone, `adminOnly` says so instead.
  ObjectNode summary(PageApi.Query query, Requester requester);

  /// One of the latest decisions with its candidates.
  ///
  /// @throws PageException 404 where it is not among them, or is somebody else's
  ObjectNode decision(PageApi.Query query, Requester requester);

  /// What the store's latest traffic says of models and policies, and the state of rollout,
  /// exploration, shadow and pacing; or that it is not available to this requester.
  Map<String, @Nullable Object> traffic(Requester requester);
}
