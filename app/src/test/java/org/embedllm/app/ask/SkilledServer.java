package org.embedllm.app.ask;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A server of models that are good at some subjects, and a judge; and questions for them whose
/// right answers are known.
public final class SkilledServer implements AutoCloseable {
  public static final List<String> SUBJECTS = List.of("arithmetic", "chemistry", "geography");
  public static final List<String> MODELS =
      List.of("adder", "chemist", "traveller", "allrounder", "guesser");
  static final String KEY = "secret-key-of-the-test";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final List<String> OPTIONS = List.of("red", "green", "blue", "violet");

  private final HttpServer server;
  private final Map<String, Integer> byPrompt = new HashMap<>();
  final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
  final AtomicInteger busyFirst = new AtomicInteger();
  final AtomicInteger judged = new AtomicInteger();
  private final Map<String, AtomicInteger> underWay = new ConcurrentHashMap<>();
  private final Map<String, Integer> most = new ConcurrentHashMap<>();
  volatile boolean keyWanted;
  volatile double judgeUsd;
  volatile boolean judgeRefuses;
  volatile boolean judgeMumbles; // now and then
  private final AtomicInteger refused = new AtomicInteger();

  public SkilledServer(int questions) throws IOException {
    for (int j = 0; j < questions; j++) {
      byPrompt.put(text(j), j);
    }
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/chat/completions", this::answer);
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  /// Most answers of a model that were written at a time.
  int mostAtATime(String model) {
    return most.getOrDefault(model, 0);
  }

  /// How often it was asked.
  public int requests() {
    return asked.size();
  }

  // ---- the questions

  public static String subject(int question) {
    return SUBJECTS.get(question % 3);
  }

  public static String text(int question) {
    return switch (question % 3) {
      case 0 -> "Compute the sum %d + %d.".formatted(question, 2 * question + 3);
      case 1 -> "Which color has the flame of the chemical salt number %d?".formatted(question);
      default -> "Which river flows past town number %d on the map?".formatted(question);
    };
  }

  public static String reference(int question) {
    return switch (question % 3) {
      case 0 -> Integer.toString(3 * question + 3);
      case 1 -> OPTIONS.get(question % 4);
      default -> "River " + question;
    };
  }

  /// Probability that a model is right.
  public static double skill(String model, int question) {
    return switch (model) {
      case "adder" -> question % 3 == 0 ? 0.95 : 0.25;
      case "chemist" -> question % 3 == 1 ? 0.95 : 0.25;
      case "traveller" -> question % 3 == 2 ? 0.95 : 0.25;
      case "allrounder" -> 0.7;
      case "expert" -> 0.8;
      default -> 0.3;
    };
  }

  /// Whether a model is right, always the same.
  public static boolean right(String model, int question) {
    Random luck = new Random(31L * model.hashCode() + 1_000_003L * question);
    luck.nextDouble();
    return luck.nextDouble() < skill(model, question);
  }

  /// A table of answers with right answers, for import.
  ///
  /// @param models who has answered
  public static Path table(Path file, int questions, List<String> models) throws IOException {
    try (CsvWriter csv = CsvWriter.builder().build(file)) {
      csv.writeRecord(
          "prompt_id", "prompt", "category", "model_name", "label", "reference", "options");
      for (int j = 0; j < questions; j++) {
        for (String model : models) {
          csv.writeRecord(
              "q" + j,
              text(j),
              subject(j),
              model,
              right(model, j) ? "1" : "0",
              reference(j),
              options(j));
        }
      }
    }
    return file;
  }

  /// A gateway's configuration with all models.
  ///
  /// @param more lines of its upstreams
  Path gateway(Path file, String more) throws IOException {
    StringBuilder yaml = new StringBuilder("upstreams:\n");
    for (String model : MODELS) {
      yaml.append(
          "  - {model: %s, url: \"%s\", price: {input: 1, output: 2}}\n".formatted(model, url()));
    }
    return Files.writeString(file, yaml + more);
  }

  /// The questions alone, as a user has them.
  public static Path prompts(Path file, int questions, boolean references) throws IOException {
    try (CsvWriter csv = CsvWriter.builder().build(file)) {
      csv.writeRecord(
          references
              ? List.of("prompt", "category", "reference", "options")
              : List.of("prompt", "category"));
      for (int j = 0; j < questions; j++) {
        csv.writeRecord(
            references
                ? List.of(text(j), subject(j), reference(j), options(j))
                : List.of(text(j), subject(j)));
      }
    }
    return file;
  }

  private static String options(int question) {
    return question % 3 == 1 ? JSON.writeValueAsString(OPTIONS) : "";
  }

  // ---- the server

  private void answer(HttpExchange exchange) throws IOException {
    JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
    String key = String.valueOf(exchange.getRequestHeaders().getFirst("authorization"));
    if (keyWanted && !key.equals("Bearer " + KEY)) {
      send(exchange, 401, "{\"error\": {\"message\": \"wrong key " + key + "\"}}");
      return;
    }
    if (busyFirst.getAndDecrement() > 0) {
      exchange.getResponseHeaders().set("retry-after-ms", "1");
      send(exchange, 429, "{\"error\": {\"message\": \"busy\"}}");
      return;
    }
    String model = body.path("model").asString("");
    String user =
        body.path("messages").get(body.path("messages").size() - 1).path("content").asString("");
    if (model.equals("judge-refuser")
        || (model.startsWith("judge") && judgeRefuses && refused.getAndIncrement() % 5 == 0)) {
      send(exchange, 400, "{\"error\": {\"message\": \"too long\"}}");
      return;
    }
    AtomicInteger now = underWay.computeIfAbsent(model, _ -> new AtomicInteger());
    most.merge(model, now.incrementAndGet(), Math::max);
    String text = model.startsWith("judge") ? verdict(model, user) : written(model, user);
    now.decrementAndGet();
    ObjectNode root = JSON.createObjectNode();
    ObjectNode choice = root.putArray("choices").addObject();
    choice.putObject("message").put("role", "assistant").put("content", text);
    choice.put("finish_reason", "stop");
    ObjectNode usage = root.putObject("usage");
    usage.put("prompt_tokens", 50).put("completion_tokens", 100);
    if (model.startsWith("judge") && judgeUsd > 0) {
      usage.put("cost", judgeUsd);
    }
    send(exchange, 200, root.toString());
  }

  private String written(String model, String user) {
    int question = byPrompt.getOrDefault(user.lines().findFirst().orElse(""), -1);
    if (question < 0) {
      return "I do not know this question.";
    }
    asked.add(model + "/" + question);
    boolean right = right(model, question);
    return switch (question % 3) {
      case 0 -> "Let me add.\n\\boxed{%d}".formatted(3 * question + (right ? 3 : 4));
      case 1 ->
          "The correct answer is **%s**."
              .formatted((char) ('A' + (question + (right ? 0 : 1)) % 4));
      default -> "Answer: river " + (right ? question : question + 1);
    };
  }

  /// `judge` knows the right answers, `judge-guesser` likes everything, and what comes first;
  /// nobody can read what `judge-mumbler` says, and `judge-refuser` says nothing.
  private String verdict(String model, String user) {
    int before = judged.getAndIncrement();
    if (model.equals("judge-mumbler") || (judgeMumbles && before % 7 == 3)) {
      return "Both are fine in their way.";
    }
    boolean pair = user.contains("<<<ANSWER 1>>>");
    if (model.equals("judge-guesser")) {
      return pair ? "{\"better\": 1}" : "{\"score\": 10}";
    }
    if (!pair) {
      String answer = user.substring(user.indexOf("<<<ANSWER>>>"));
      return isRight(user, answer) ? "{\"score\": 9}" : "{\"score\": 1}";
    }
    int second = user.indexOf("<<<ANSWER 2>>>");
    boolean first = isRight(user, user.substring(user.indexOf("<<<ANSWER 1>>>"), second));
    boolean other = isRight(user, user.substring(second));
    return "{\"better\": %d}".formatted(first == other ? 0 : first ? 1 : 2);
  }

  private boolean isRight(String user, String answer) {
    int question =
        byPrompt.entrySet().stream()
            .filter(entry -> user.contains(entry.getKey()))
            .findFirst()
            .orElseThrow()
            .getValue();
    List<String> right =
        new ArrayList<>(List.of(reference(question).toLowerCase(java.util.Locale.ROOT)));
    if (question % 3 == 1) {
      right.add("**%s**".formatted((char) ('A' + question % 4)).toLowerCase(java.util.Locale.ROOT));
    }
    String said = answer.toLowerCase(java.util.Locale.ROOT);
    return right.stream()
        .anyMatch(each ->
            said.matches("(?s).*(?<!\\w)" + java.util.regex.Pattern.quote(each) + "(?!\\w).*"));
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
