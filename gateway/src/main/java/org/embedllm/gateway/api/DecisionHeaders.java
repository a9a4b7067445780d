package org.embedllm.gateway.api;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import java.util.Locale;
import org.embedllm.gateway.decide.Decision;

/// The decision in an answer's headers.
final class DecisionHeaders {
  private static final HeaderName MODEL = HeaderNames.create("x-embedllm-model");
  private static final HeaderName DECISION = HeaderNames.create("x-embedllm-decision");
  private static final HeaderName PROBABILITY = HeaderNames.create("x-embedllm-probability");
  private static final HeaderName POLICY = HeaderNames.create("x-embedllm-policy");
  private static final HeaderName REASON = HeaderNames.create("x-embedllm-reason");
  private static final HeaderName ATTEMPTS = HeaderNames.create("x-embedllm-attempts");

  private DecisionHeaders() {}

  /// @param answeredBy the model that answers, not always the decision's
  /// @param attempts upstreams tried, the answering one included
  static void put(ServerResponse response, Decision decision, String answeredBy, int attempts) {
    response.header(MODEL, ascii(answeredBy));
    response.header(DECISION, decision.id());
    double probability = decision.probability(answeredBy);
    if (!Double.isNaN(probability)) {
      response.header(PROBABILITY, String.format(Locale.ROOT, "%.4f", probability));
    }
    decision.policy().ifPresent(policy -> response.header(POLICY, policy));
    response.header(REASON, ascii(decision.reason()));
    response.header(ATTEMPTS, Integer.toString(attempts));
  }

  /// Of an answer that was kept.
  static void put(ServerResponse response, String answeredBy, String decision) {
    response.header(MODEL, ascii(answeredBy));
    response.header(DECISION, decision);
  }

  /// Header values are ASCII; other characters are percent-encoded.
  static String ascii(String text) {
    boolean plain = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      plain &= c >= ' ' && c < 127;
    }
    if (plain) {
      return text;
    }
    var out = new StringBuilder();
    for (byte b : text.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
      if (b >= ' ' && b < 127 && b != '%') {
        out.append((char) b);
      } else {
        out.append('%').append(String.format(Locale.ROOT, "%02X", b & 0xff));
      }
    }
    return out.toString();
  }
}
