package org.embedllm.app.ask;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.embedllm.routing.ModelPrices;
import org.embedllm.storage.BadInputException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Asks a model over HTTP; asks again while the server is busy or fails. Safe for several threads.
final class ChatClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration TIMEOUT = Duration.ofMinutes(10);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(2);
  private static final Pattern NO_QUOTA =
      Pattern.compile("insufficient_quota|billing_hard_limit|insufficient credits");
  private static final int EXCERPT = 200; // characters

  /// The server does not take this one request: it is too long, or its content is filtered.
  static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    Refused(String problem) {
      super(problem);
    }
  }

  /// What a model wrote, and what that took.
  ///
  /// @param text what it wrote
  /// @param inputTokens of the prompt
  /// @param outputTokens of the answer, its reasoning included
  /// @param usd what the call cost; NaN where it is not known
  /// @param seconds from the request to the answer
  /// @param cutOff whether it ended at a limit of length
  record Answer(
      String text,
      long inputTokens,
      long outputTokens,
      double usd,
      double seconds,
      boolean cutOff) {}

  private final ChatEndpoint endpoint;
  private final HttpClient client;
  private final RequestPace pace;
  private final int attempts;
  private final Duration firstPause;
  private final OptionalInt maxTokens;

  /// @param maxTokens most tokens of an answer; empty for the server's own limit
  ChatClient(ChatEndpoint endpoint, OptionalInt maxTokens) {
    this(endpoint, maxTokens, 6, Duration.ofMillis(500), Thread::sleep);
  }

  /// @param attempts requests at most, the first included
  /// @param firstPause before the second request; doubled each time
  ChatClient(
      ChatEndpoint endpoint,
      OptionalInt maxTokens,
      int attempts,
      Duration firstPause,
      RequestPace.Pause pause) {
    this.endpoint = endpoint;
    this.maxTokens = maxTokens;
    this.attempts = attempts;
    this.firstPause = firstPause;
    this.pace = new RequestPace(endpoint.requestsPerMinute(), pause);
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
  }

  ChatEndpoint endpoint() {
    return endpoint;
  }

  /// Asks one question.
  ///
  /// @param system instructions; blank for none
  /// @throws Refused where the server does not take this question, but may take others
  /// @throws BadInputException where it takes none: the key, the address or the name is wrong
  /// @throws IOException where it does not answer, however often it is asked
  Answer ask(String system, String user) throws IOException, InterruptedException {
    HttpRequest request = request(system, user);
    for (int attempt = 1; true; attempt++) {
      pace.await();
      long start = System.nanoTime();
      String problem;
      Duration asked = Duration.ZERO;
      try {
        HttpResponse<byte[]> response =
            client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        double seconds = (System.nanoTime() - start) / 1e9;
        if (response.statusCode() == 200) {
          return answer(response.body(), seconds);
        }
        problem = "answered with status " + response.statusCode() + excerpt(response.body());
        requireWorthAsking(response, problem);
        asked = retryAfter(response);
      } catch (Refused e) {
        throw e;
      } catch (IOException e) {
        problem = "did not answer: " + e;
      }
      if (attempt == attempts) {
        throw new IOException("%s %s, %d times".formatted(endpoint.label(), problem, attempt));
      }
      Duration grown = firstPause.multipliedBy(1L << Math.min(attempt - 1, 20));
      Duration wait = asked.compareTo(grown) > 0 ? asked : grown;
      pace.rest(wait.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : wait);
    }
  }

  private HttpRequest request(String system, String user) {
    ObjectNode body = JSON.createObjectNode();
    body.put("model", endpoint.name());
    ArrayNode messages = body.putArray("messages");
    if (!system.isBlank()) {
      messages.addObject().put("role", "system").put("content", system);
    }
    messages.addObject().put("role", "user").put("content", user);
    maxTokens.ifPresent(most -> body.put("max_tokens", most));
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(endpoint.completions())
            .timeout(TIMEOUT)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
    endpoint.key().ifPresent(key -> builder.header("authorization", "Bearer " + key));
    endpoint.headers().forEach(builder::setHeader);
    return builder.build();
  }

  private void requireWorthAsking(HttpResponse<byte[]> response, String problem) throws Refused {
    int status = response.statusCode();
    boolean noQuota = NO_QUOTA.matcher(new String(response.body(), StandardCharsets.UTF_8)).find();
    if (status == 401 || status == 402 || status == 403 || (status == 429 && noQuota)) {
      throw BadInputException.of(
          "%s %s: check the key and its account".formatted(endpoint.label(), problem));
    }
    if (status == 404 || status == 405) {
      throw BadInputException.of(
          "%s %s: check the base URL, which often ends in /v1, and the model's name there"
              .formatted(endpoint.label(), problem));
    }
    if (status == 408 || status == 409 || status == 425 || status == 429 || status >= 500) {
      return;
    }
    throw new Refused(endpoint.label() + " " + problem);
  }

  private static Duration retryAfter(HttpResponse<?> response) {
    String millis = response.headers().firstValue("retry-after-ms").orElse("");
    if (millis.matches("\\d{1,9}")) {
      return Duration.ofMillis(Long.parseLong(millis));
    }
    String seconds = response.headers().firstValue("retry-after").orElse("");
    return seconds.matches("\\d{1,6}(\\.\\d+)?")
        ? Duration.ofMillis((long) (1000 * Double.parseDouble(seconds)))
        : Duration.ZERO;
  }

  private Answer answer(byte[] body, double seconds) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(body);
    } catch (JacksonException e) {
      throw new IOException("its answer is not JSON" + excerpt(body), e);
    }
    JsonNode choice = root.path("choices").path(0);
    JsonNode content = choice.path("message").path("content");
    if (choice.isMissingNode()) {
      throw new IOException("its answer has no choices" + excerpt(body));
    }
    String text = text(content);
    JsonNode usage = root.path("usage");
    long input = usage.path("prompt_tokens").asLong(0);
    long output = usage.path("completion_tokens").asLong(ModelPrices.estimatedTokens(text));
    double usd =
        usage.path("cost").isNumber()
            ? usage.path("cost").asDouble()
            : endpoint
                .price()
                .map(price -> price.cost((double) input, (double) output))
                .orElse(Double.NaN);
    boolean cut = choice.path("finish_reason").asString("").equals("length");
    return new Answer(text, input, output, usd, seconds, cut);
  }

  /// A text, or the texts of several parts.
  private static String text(JsonNode content) {
    if (!content.isArray()) {
      return content.asString("");
    }
    StringBuilder text = new StringBuilder();
    content.forEach(part -> text.append(part.path("text").asString("")));
    return text.toString();
  }

  /// The beginning of a server's message, without the key if it contains it.
  private String excerpt(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8).strip().replaceAll("\\s+", " ");
    Optional<String> key = endpoint.key();
    String hidden = key.isPresent() ? text.replace(key.get(), "(key)") : text;
    return hidden.isEmpty() ? "" : ": " + hidden.substring(0, Math.min(EXCERPT, hidden.length()));
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
