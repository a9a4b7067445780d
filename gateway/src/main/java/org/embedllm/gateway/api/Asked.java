package org.embedllm.gateway.api;

import java.util.Optional;
import java.util.function.Supplier;
import org.embedllm.gateway.openai.AnswerFormat;
import org.embedllm.gateway.openai.ClientProtocol;
import org.embedllm.gateway.openai.RequestBody;

/// What is asked in chat completions, and how it is answered.
///
/// @param format of chat completions on their way to the client
/// @param original the request in the client's own API, where that is another
record Asked(RequestBody body, AnswerFormat format, Optional<ClientProtocol.Original> original) {
  /// How an answer goes back.
  ///
  /// @param unchanged whether it is in the client's own API
  /// @param cost of the answer in USD, once it is known, for clients that want it
  AnswerFormat format(boolean unchanged, Supplier<Optional<Double>> cost) {
    AnswerFormat own = unchanged ? original.orElseThrow().format() : format;
    return body.asksForCost() ? new AnswerCost(cost, own) : own;
  }
}
