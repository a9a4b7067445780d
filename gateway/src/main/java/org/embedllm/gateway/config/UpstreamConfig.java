package org.embedllm.gateway.config;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.embedllm.gateway.openai.Api;
import org.embedllm.gateway.openai.Capability;

/// A server that speaks the OpenAI protocol, and one model it offers.
///
/// @param model the model's name in MODEL and for clients
/// @param api what it is asked in
/// @param url base URL, with `/v1` where the server has it there, without a trailing slash
/// @param name of the model on the server
/// @param key sent as a bearer token
/// @param headers added to each request
/// @param price of a call; empty where unknown
/// @param context longest prompt and answer together, in tokens; empty for no known limit
/// @param abilities of the model beyond text
/// @param unsupported parameters of requests that the model does not take
/// @param concurrency most requests at a time
/// @param queue most requests that wait for one of these places
/// @param requestsPerMinute most requests a minute; empty for no limit
/// @param timeouts how long each step may take
/// @param streamUsage whether the server understands `stream_options.include_usage`
/// @param health how the server is probed
/// @param circuit when it is left alone after failures
public record UpstreamConfig(
    String model,
    Api api,
    URI url,
    String name,
    Optional<Secret> key,
    Map<String, String> headers,
    Optional<Price> price,
    OptionalInt context,
    Set<Capability> abilities,
    Unsupported unsupported,
    int concurrency,
    int queue,
    OptionalDouble requestsPerMinute,
    Timeouts timeouts,
    boolean streamUsage,
    Health health,
    Circuit circuit) {
  private static final Map<String, String> PROVIDERS =
      Map.of(
          "api.openai.com", "openai",
          "openai.azure.com", "azure.ai.openai",
          "anthropic.com", "anthropic",
          "mistral.ai", "mistral_ai",
          "groq.com", "groq",
          "deepseek.com", "deepseek",
          "x.ai", "x_ai",
          "cohere.com", "cohere",
          "perplexity.ai", "perplexity",
          "generativelanguage.googleapis.com", "gcp.gemini");

  public UpstreamConfig {
    headers = Map.copyOf(headers);
    abilities = Set.copyOf(abilities);
  }

  /// Parameters that a model does not take.
  ///
  /// @param parameters their names
  /// @param drop whether they are left out of requests; otherwise such requests go to other models
  ///   where there are any
  public record Unsupported(Set<String> parameters, boolean drop) {
    public static final Unsupported NONE = new Unsupported(Set.of(), false);

    public Unsupported {
      parameters = Set.copyOf(parameters);
    }
  }

  /// USD.
  ///
  /// @param input per million prompt tokens
  /// @param output per million answer tokens
  /// @param call per call
  public record Price(double input, double output, double call) {
    /// Cost of one call in USD.
    public double of(long promptTokens, long answerTokens) {
      return call + (input * promptTokens + output * answerTokens) / 1e6;
    }
  }

  /// @param connect until the connection is established
  /// @param firstByte from the request until a stream's first event
  /// @param response from the request until the whole of an answer that is not streamed
  /// @param idle between two pieces of an answer
  /// @param total for one whole answer, streamed or not
  public record Timeouts(
      Duration connect, Duration firstByte, Duration response, Duration idle, Duration total) {
    public static final Timeouts DEFAULT =
        new Timeouts(
            Duration.ofSeconds(3),
            Duration.ofSeconds(60),
            Duration.ofMinutes(3),
            Duration.ofSeconds(30),
            Duration.ofMinutes(10));
  }

  /// @param path asked for below the base URL
  /// @param interval pause between two probes; zero switches probing off
  public record Health(String path, Duration interval) {
    public static final Health DEFAULT = new Health("/models", Duration.ofSeconds(15));
  }

  /// When an upstream that fails is left alone.
  ///
  /// @param slidingWindowSize the latest calls looked at
  /// @param minimumCalls of them needed for a judgement, at most `slidingWindowSize`
  /// @param failureRate part of them from which on the circuit opens, in (0, 1]
  /// @param openDuration how long it then stays open
  /// @param halfOpenCalls calls let through after that; where they go well, it closes
  public record Circuit(
      int slidingWindowSize,
      int minimumCalls,
      double failureRate,
      Duration openDuration,
      int halfOpenCalls) {
    public static final Circuit DEFAULT = new Circuit(20, 5, 0.5, Duration.ofSeconds(5), 2);
  }

  /// Who offers it, as OpenTelemetry's conventions name them; else the server's host.
  public String provider() {
    String host = url.getHost() == null ? "" : url.getHost();
    if (api == Api.MESSAGES) {
      return "anthropic";
    }
    return PROVIDERS.entrySet().stream()
        .filter(p -> host.equals(p.getKey()) || host.endsWith("." + p.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(host);
  }

  /// How logs, metrics and errors name it.
  public String label() {
    return model + "@" + url.getAuthority();
  }
}
