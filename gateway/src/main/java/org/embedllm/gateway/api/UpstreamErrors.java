package org.embedllm.gateway.api;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.upstream.Dispatcher.AllFailed;
import org.embedllm.gateway.upstream.Dispatcher.Attempt;
import org.embedllm.gateway.upstream.UpstreamError;
import org.embedllm.gateway.upstream.UpstreamFailure;
import org.embedllm.gateway.upstream.UpstreamFailure.Kind;

/// The errors for a client when upstreams fail.
final class UpstreamErrors {
  private UpstreamErrors() {}

  /// 429 where every candidate asks to wait, 504 where the last one took too long, else 502.
  static ApiException toApi(AllFailed all) {
    List<Attempt> attempts = all.attempts();
    String story =
        attempts.stream()
            .map(a -> a.upstream().config().model() + ": " + a.failure().detail())
            .distinct()
            .collect(Collectors.joining("; "));
    boolean busy =
        !attempts.isEmpty()
            && attempts.stream().map(a -> a.failure().kind()).allMatch(UpstreamErrors::isBusy);
    boolean limited =
        attempts.stream()
            .map(a -> a.failure().kind())
            .anyMatch(k -> k == Kind.RATE_LIMITED || k == Kind.SATURATED);
    if (busy) {
      Duration wait =
          attempts.stream()
              .flatMap(a -> a.failure().retryAfter().stream())
              .min(Comparator.naturalOrder())
              .orElse(Duration.ofSeconds(1));
      return limited
          ? ApiException.tooMany("upstream_busy", "every candidate is busy: " + story, wait)
          : new ApiException(
              new ApiError(
                  503,
                  "server_error",
                  Optional.of("upstream_unavailable"),
                  Optional.empty(),
                  "no candidate is available: " + story,
                  Optional.of(wait)));
    }
    if (!attempts.isEmpty()
        && attempts.stream().allMatch(a -> a.failure().kind() == Kind.UNSUPPORTED)) {
      return unsupported(attempts.getFirst().failure());
    }
    Kind last = attempts.isEmpty() ? Kind.CONNECTION : attempts.getLast().failure().kind();
    if (last == Kind.TIMEOUT) {
      return ApiException.of(
          504, "server_error", "upstream_timeout", "no candidate answered in time: " + story);
    }
    if (attempts.stream().allMatch(a -> a.failure().kind() == Kind.TOO_LONG)) {
      return ApiException.badRequest(
          "context_length_exceeded", "messages", "the prompt is too long: " + story);
    }
    return ApiException.of(
        502, "server_error", "upstream_error", "no candidate answered: " + story);
  }

  /// A refusal that is the client's fault, for clients of another protocol.
  static ApiException refused(int status, byte[] body) {
    UpstreamError said = UpstreamError.of(body, List.of());
    return new ApiException(
        new ApiError(
            status,
            "invalid_request_error",
            said.code().or(() -> Optional.of("refused_by_upstream")),
            said.param(),
            said.message().isEmpty() ? "the upstream refused this request" : said.message(),
            Optional.empty()));
  }

  /// In the words of the upstream of the best candidate.
  private static ApiException unsupported(UpstreamFailure failure) {
    UpstreamError said = failure.said().orElseThrow();
    return new ApiException(
        new ApiError(
            400,
            "invalid_request_error",
            said.code().or(() -> Optional.of("unsupported_parameter")),
            said.param(),
            said.message(),
            Optional.empty()));
  }

  private static boolean isBusy(Kind kind) {
    return switch (kind) {
      case RATE_LIMITED, SATURATED, RESTING -> true;
      case CONNECTION,
          TIMEOUT,
          SERVER_ERROR,
          MALFORMED,
          MISCONFIGURED,
          NO_QUOTA,
          UNSUPPORTED,
          TOO_LONG,
          CUT,
          STOPPED ->
          false;
    };
  }

  /// The event that ends a stream which cannot go on.
  static ApiError midStream(UpstreamFailure failure) {
    return ApiException.of(
            502,
            "server_error",
            "upstream_" + failure.kind().label(),
            "the answer broke off: " + failure.detail())
        .error();
  }
}
