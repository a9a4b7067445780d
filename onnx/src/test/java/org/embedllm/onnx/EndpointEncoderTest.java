package org.embedllm.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class EndpointEncoderTest extends EncoderContract {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String KEY = "sk-very-secret";

  private final List<JsonNode> bodies = Collections.synchronizedList(new ArrayList<>());
  private final List<String> keys = Collections.synchronizedList(new ArrayList<>());
  private final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
  private final ConcurrentLinkedQueue<Integer> failures = new ConcurrentLinkedQueue<>();
  private Optional<String> spoiled = Optional.empty();
  private int mostTexts = Integer.MAX_VALUE;
  private int mostCharacters = Integer.MAX_VALUE;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/embeddings", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
    bodies.add(body);
    keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("authorization")));
    Integer failure = failures.poll();
    if (failure != null) {
      exchange.getResponseHeaders().add("retry-after", "7");
      reply(exchange, failure, "no: " + exchange.getRequestHeaders().getFirst("authorization"));
      return;
    }
    boolean tooLong =
        body.path("input").valueStream().anyMatch(t -> t.asString().length() > mostCharacters);
    if (tooLong || body.path("input").size() > mostTexts) {
      reply(exchange, 413, tooLong ? "text too long" : "batch size too large");
      return;
    }
    ObjectNode root = JSON.createObjectNode();
    var data = root.putArray("data");
    // Out of order on purpose: the index counts.
    for (int i = body.path("input").size() - 1; i >= 0; i--) {
      ObjectNode element = data.addObject();
      element.put("index", i);
      var embedding = element.putArray("embedding");
      for (float value : letters(body.path("input").path(i).asString())) {
        embedding.add(value);
      }
    }
    reply(exchange, 200, spoiled.orElse(root.toString()));
  }

  private static void reply(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  /// How often each of 64 groups of letter pairs stands in a text.
  private static float[] letters(String text) {
    float[] counts = new float[64];
    for (int i = 0; i + 1 < text.length(); i++) {
      counts[Math.floorMod(31 * text.charAt(i) + text.charAt(i + 1), 64)]++;
    }
    return counts;
  }

  private String address() {
    return "http://localhost:" + server.getAddress().getPort() + "/v1";
  }

  @Override
  QuestionEncoder encoder(int threads) {
    return encoder(Map.of("EMBEDLLM_ENCODER_KEY", KEY));
  }

  private QuestionEncoder encoder(Map<String, String> environment) {
    Endpoint endpoint = Endpoint.parse(address() + "#letters");
    return new EndpointEncoder(
        endpoint,
        endpoint.key(environment),
        HttpClient.newHttpClient(),
        new Retry(4, Duration.ofMillis(100), Duration.ofSeconds(30), pauses::add));
  }

  @Test
  void texts_many_goInBatchesAndComeInOrder() {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      texts.add("text " + i + " " + "x".repeat(i));
    }
    try (QuestionEncoder encoder = encoder(1)) {
      FloatMatrix vectors = encoder.encode(texts);
      for (int i = 0; i < texts.size(); i++) {
        assertThat(vectors.row(i)).containsExactly(letters(texts.get(i)));
      }
      assertThat(encoder.identity().name()).isEqualTo(address() + "#letters");
      assertThat(encoder.tokenCount("any")).isZero();
    }
    assertThat(bodies).allMatch(b -> b.path("input").size() <= 64);
    assertThat(bodies).allMatch(b -> b.path("model").asString().equals("letters"));
    assertThat(bodies).hasSizeLessThan(12);
    assertThat(keys).containsOnly("Bearer " + KEY);
  }

  @Test
  void server_busyForAWhile_isAskedAgain() {
    failures.addAll(List.of(429, 503, 500));
    try (QuestionEncoder encoder = encoder(Map.of())) {
      assertThat(encoder.encode(List.of("hello")).row(0)).containsExactly(letters("hello"));
    }
    assertThat(pauses).containsOnly(Duration.ofSeconds(7));
    assertThat(pauses).hasSize(3);
    assertThat(keys).containsOnly("null");
  }

  @Test
  void server_busyForGood_isGivenUpWithoutTheKeyInTheMessage() {
    failures.addAll(Collections.nCopies(20, 503));
    try (QuestionEncoder encoder = encoder(1)) {
      assertThatThrownBy(() -> encoder.encode(List.of("hello")))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("status 503")
          .hasMessageContaining("4 times")
          .hasMessageNotContaining(KEY);
    }
  }

  @Test
  void server_thatRefuses_isNotAskedAgain() {
    failures.add(401);
    try (QuestionEncoder encoder = encoder(1)) {
      assertThatThrownBy(() -> encoder.encode(List.of("hello")))
          .hasMessageContaining("status 401")
          .hasMessageNotContaining(KEY);
    }
    assertThat(pauses).isEmpty();
    assertThat(bodies).hasSize(1);
  }

  @Test
  void server_thatIsNotThere_isSaid() {
    try (QuestionEncoder encoder = encoder(1)) {
      server.stop(0);
      assertThatThrownBy(encoder::identity)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("did not answer");
    }
  }

  @Test
  void answers_thatAreWrong_areRefused() {
    for (String wrong :
        List.of(
            "<html>",
            "{}",
            "{\"data\": []}",
            "{\"data\": [{\"index\": 0, \"embedding\": []}]}",
            "{\"data\": [{\"index\": 0, \"embedding\": [\"NaN\"]}]}",
            "{\"data\": [{\"index\": 5, \"embedding\": [1]}]}",
            "{\"data\": [{\"index\": 0, \"embedding\": [1]}, {\"index\": 1, \"embedding\": [1]}]}")) {
      spoiled = Optional.of(wrong);
      try (QuestionEncoder encoder = encoder(1)) {
        assertThatThrownBy(encoder::identity)
            .isInstanceOf(BadInputException.class)
            .hasMessageContaining("answered with");
      }
    }
  }

  @Test
  void address_withoutModelOrWithPassword_isRefused() {
    assertThatThrownBy(() -> Endpoint.parse("https://host/v1"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("#model");
    assertThatThrownBy(() -> Endpoint.parse("https://me:secret@host/v1#m"))
        .hasMessageNotContaining("secret");
    assertThat(Endpoint.parse("https://host/v1/embeddings#m").name())
        .isEqualTo("https://host/v1#m");
  }

  @Test
  void key_ofOpenAi_goesToOpenAiOnly() {
    Map<String, String> environment = Map.of("OPENAI_API_KEY", "k");
    assertThat(Endpoint.parse("https://api.openai.com/v1#m").key(environment)).contains("k");
    assertThat(Endpoint.parse("http://api.openai.com/v1#m").key(environment)).isEmpty();
    assertThat(Endpoint.parse("https://elsewhere.org/v1#m").key(environment)).isEmpty();
  }

  @Test
  void batch_thatTheServerRefuses_isHalvedAndTheLimitRemembered() {
    mostTexts = 20;
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      texts.add("text number " + i);
    }
    try (QuestionEncoder encoder = encoder(1)) {
      FloatMatrix vectors = encoder.encode(texts);
      for (int i = 0; i < texts.size(); i++) {
        assertThat(vectors.row(i)).containsExactly(letters(texts.get(i)));
      }
      bodies.clear();
      assertThat(encoder.encode(texts)).isEqualTo(vectors);
      assertThat(bodies).allMatch(body -> body.path("input").size() <= 20);
    }
  }

  @Test
  void text_thatIsTooLong_isCutAndTheOthersAreNot() {
    mostCharacters = 100;
    List<String> texts =
        List.of("short one", "ab".repeat(200), "short two", "c".repeat(100), "short three");
    try (QuestionEncoder encoder = encoder(1)) {
      FloatMatrix vectors = encoder.encode(texts);
      assertThat(vectors.row(0)).containsExactly(letters("short one"));
      assertThat(vectors.row(1)).containsExactly(letters("ab".repeat(50)));
      assertThat(vectors.row(3)).containsExactly(letters("c".repeat(100)));
      assertThat(vectors.row(4)).containsExactly(letters("short three"));
    }
    mostCharacters = 29; // enough for the first question about the dimension
    try (QuestionEncoder encoder = encoder(1)) {
      assertThatThrownBy(() -> encoder.encode(List.of("a long text ".repeat(20))))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("status 413")
          .hasMessageContaining("\"a long text a long text");
    }
  }
}
