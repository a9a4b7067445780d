package org.embedllm.gateway.api;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.embedllm.gateway.cache.CachedAnswer;
import org.embedllm.gateway.cache.Recording;
import org.embedllm.gateway.observe.Metrics;
import org.embedllm.gateway.openai.AnswerFormat;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.server.EventWriter;
import org.embedllm.gateway.upstream.CallGuard.ClientGone;

/// The response cache's part in one request.
final class CacheUse {
  private static final HeaderName CACHE = HeaderNames.create("x-embedllm-cache");

  private final GatewayRequest request;
  private final Optional<String> key;
  private final Clock clock;
  private Optional<Recording> recording = Optional.empty();

  private CacheUse(GatewayRequest request, Optional<String> key, Clock clock) {
    this.request = request;
    this.key = key;
    this.clock = clock;
  }

  static CacheUse of(GatewayRequest request, RequestBody body, Clock clock) {
    boolean fresh =
        request
            .header(HeaderNames.CACHE_CONTROL)
            .map(c -> c.toLowerCase(Locale.ROOT))
            .filter(c -> c.contains("no-cache") || c.contains("no-store"))
            .isPresent();
    Optional<String> key =
        fresh
            ? Optional.empty()
            : request
                .snapshot()
                .cache()
                .flatMap(c -> c.key(request.client(), endpoint(request), body, request.body()));
    return new CacheUse(request, key, clock);
  }

  /// The endpoint, with the features that the client wants of it.
  private static String endpoint(GatewayRequest request) {
    return request
        .header(CompletionEndpoint.BETA)
        .map(features -> request.path() + "\0" + features)
        .orElse(request.path());
  }

  /// An earlier answer to the same request.
  Optional<CachedAnswer> found(Metrics metrics) {
    if (key.isEmpty()) {
      return Optional.empty();
    }
    Optional<CachedAnswer> found = request.snapshot().cache().flatMap(c -> c.find(key.get()));
    metrics.cached(found.map(this::age), found.map(CachedAnswer::cost).orElse(0.0));
    return found;
  }

  private Duration age(CachedAnswer answer) {
    return Duration.between(answer.at(), clock.instant());
  }

  /// Sends an earlier answer again.
  void repeat(CachedAnswer answer, boolean stream, AnswerFormat format, EventWriter writer)
      throws ClientGone {
    request.response().header(HeaderNames.create("age"), Long.toString(age(answer).toSeconds()));
    if (request.snapshot().config().observe().headers()) {
      request.response().header(CACHE, "hit");
      DecisionHeaders.put(request.response(), answer.model(), answer.decision());
    }
    if (!stream) {
      request.send(200, format.whole(answer.whole()));
      return;
    }
    try {
      for (CachedAnswer.Event event : answer.events()) {
        writer.writeAll(format.event(event.event(), event.usageOnly()), false);
      }
      writer.writeAll(format.end(), true);
      writer.close();
    } catch (IOException e) {
      throw new ClientGone();
    }
  }

  /// Writes down what goes through a format, where it may be kept.
  ///
  /// @param unchanged whether that is in the client's own API
  AnswerFormat recorded(AnswerFormat format, boolean unchanged) {
    recording = key.map(k -> new Recording(format, unchanged));
    return recording.<AnswerFormat>map(r -> r).orElse(format);
  }

  /// Keeps what was written down.
  ///
  /// @param cost of the answer; NaN where unknown
  void keep(String model, String decision, double cost) {
    Instant now = clock.instant();
    recording
        .flatMap(r -> r.answer(new CachedAnswer.Source(model, decision, now, cost)))
        .ifPresent(
            answer -> request.snapshot().cache().ifPresent(c -> c.keep(key.orElseThrow(), answer)));
  }
}
