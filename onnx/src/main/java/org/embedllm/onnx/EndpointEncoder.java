package org.embedllm.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.JsonTrees;
import org.embedllm.storage.Sha256;
import org.embedllm.tensor.FloatMatrix;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// An encoder behind an OpenAI-compatible `/v1/embeddings` address. Nothing is known of its
/// weights: its digest is that of address and model name. The dimension comes with the first
/// answer.
///
/// How many texts a server takes at once is found by halving what it refuses. A text that it
/// refuses alone is too long: of it, as much is read from the beginning as the server takes.
final class EndpointEncoder implements QuestionEncoder {
  private static final int BATCH_TEXTS = 64;
  private static final int BATCH_CHARACTERS = 100_000;
  private static final int MAX_ANSWER_BYTES = 256 << 20;
  private static final int REQUESTS_AT_ONCE = 4;
  private static final int SHORTEST_CUT = 32; // characters
  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final Logger LOG = LoggerFactory.getLogger(EndpointEncoder.class);

  /// The server refuses a request as it is: too many texts, or too long ones.
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refused(String problem) {
      super(problem);
    }
  }

  private final Endpoint endpoint;
  private final Optional<String> key;
  private final HttpClient client;
  private final Retry retry;
  private final ExecutorService requests =
      Executors.newFixedThreadPool(REQUESTS_AT_ONCE, Thread.ofVirtual().factory());
  private final AtomicInteger mostTexts = new AtomicInteger(BATCH_TEXTS); // the server's, as known
  private final AtomicInteger cutTexts = new AtomicInteger();
  private final Object identityLock = new Object();
  private Optional<EncoderIdentity> identity = Optional.empty(); // guarded by identityLock

  EndpointEncoder(Endpoint endpoint, Optional<String> key, HttpClient client, Retry retry) {
    this.endpoint = endpoint;
    this.key = key;
    this.client = client;
    this.retry = retry;
  }

  @Override
  public EncoderIdentity identity() {
    synchronized (identityLock) {
      if (identity.isEmpty()) {
        int dimension = first().length;
        identity =
            Optional.of(
                new EncoderIdentity(
                    endpoint.name(), Sha256.of("endpoint\n" + endpoint.name()), dimension, 0));
      }
      return identity.get();
    }
  }

  @Override
  public int tokenCount(String text) {
    return 0;
  }

  @Override
  public FloatMatrix encode(List<String> texts) {
    int q = identity().dimension();
    float[] vectors = new float[Math.multiplyExact(texts.size(), q)]; // [texts, q]
    List<Callable<Boolean>> tasks = new ArrayList<>();
    int end;
    for (int begin = 0; begin < texts.size(); begin = end) {
      int first = begin;
      end = end(texts, begin);
      List<String> batch = texts.subList(begin, end);
      tasks.add(() -> {
        place(vectorsOf(batch), first, q, vectors);
        return true;
      });
    }
    try {
      for (Future<Boolean> done : requests.invokeAll(tasks)) {
        done.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("encoding was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw new IllegalStateException(e.getCause());
    }
    return FloatMatrix.wrap(texts.size(), q, vectors);
  }

  private void place(List<float[]> made, int first, int q, float[] vectors) {
    for (int i = 0; i < made.size(); i++) {
      if (made.get(i).length != q) {
        throw failed(
            "answered with vectors of %d and of %d values".formatted(q, made.get(i).length));
      }
      System.arraycopy(made.get(i), 0, vectors, (first + i) * q, q);
    }
  }

  private float[] first() {
    try {
      return request(List.of("How many values has a vector?")).getFirst();
    } catch (Refused e) {
      throw failed(String.valueOf(e.getMessage()));
    }
  }

  /// The vectors of some texts, asked for in as many requests as the server needs.
  private List<float[]> vectorsOf(List<String> texts) {
    if (texts.size() > mostTexts.get()) {
      return halves(texts);
    }
    try {
      return request(texts);
    } catch (Refused e) {
      if (texts.size() == 1) {
        return List.of(beginning(texts.getFirst(), String.valueOf(e.getMessage())));
      }
      int cutBefore = cutTexts.get();
      List<float[]> vectors = halves(texts);
      if (cutTexts.get() == cutBefore) {
        // Nothing was too long: there were too many.
        mostTexts.accumulateAndGet((texts.size() + 1) / 2, Math::min);
      }
      return vectors;
    }
  }

  private List<float[]> halves(List<String> texts) {
    int half = (texts.size() + 1) / 2;
    List<float[]> vectors = new ArrayList<>(vectorsOf(texts.subList(0, half)));
    vectors.addAll(vectorsOf(texts.subList(half, texts.size())));
    return vectors;
  }

  /// The vector of as much of a text as the server takes.
  private float[] beginning(String text, String problem) {
    cutTexts.incrementAndGet();
    String last = problem;
    for (int length = text.length() / 2; length >= SHORTEST_CUT; length /= 2) {
      int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
      try {
        float[] vector = request(List.of(text.substring(0, end))).getFirst();
        LOG.warn(
            "the server refused a text of {} characters as too long; its first {} were read: {}",
            text.length(),
            end,
            start(text));
        return vector;
      } catch (Refused e) {
        last = String.valueOf(e.getMessage());
      }
    }
    throw failed("%s, for the text \"%s\"".formatted(last, start(text)));
  }

  private static String start(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }

  /// Where the batch that begins at `begin` ends.
  private int end(List<String> texts, int begin) {
    int characters = 0;
    int end = begin;
    while (end < texts.size() && end - begin < mostTexts.get()) {
      characters += texts.get(end).length();
      if (end > begin && characters > BATCH_CHARACTERS) {
        break;
      }
      end++;
    }
    return end;
  }

  /// The vectors of one batch, in order; asks again while the server is busy.
  ///
  /// @throws Refused when the server does not take the batch
  private List<float[]> request(List<String> texts) {
    HttpRequest request = httpRequest(texts);
    try {
      for (int attempt = 1; true; attempt++) {
        Duration asked = Duration.ZERO;
        String problem;
        try {
          HttpResponse<InputStream> answer =
              client.send(request, HttpResponse.BodyHandlers.ofInputStream());
          int status = answer.statusCode();
          byte[] body = body(answer.body());
          if (status == 200) {
            return vectors(body, texts.size());
          }
          problem = "answered with status %d%s".formatted(status, excerpt(body));
          if (status == 400 || status == 413 || status == 422) {
            throw new Refused(problem);
          }
          if (status != 408 && status != 429 && status < 500) {
            throw failed(problem);
          }
          asked = retryAfter(answer);
        } catch (IOException e) {
          problem = "did not answer (" + e + ")";
        }
        if (attempt == retry.attempts()) {
          throw failed(problem + ", " + attempt + " times");
        }
        retry.await(attempt, asked);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("encoding was interrupted", e);
    }
  }

  private static byte[] body(InputStream stream) throws IOException {
    try (stream) {
      byte[] body = stream.readNBytes(MAX_ANSWER_BYTES + 1);
      if (body.length > MAX_ANSWER_BYTES) {
        throw new IOException("more than %d bytes".formatted(MAX_ANSWER_BYTES));
      }
      return body;
    }
  }

  private HttpRequest httpRequest(List<String> texts) {
    ObjectNode body = JsonTrees.object();
    body.put("model", endpoint.model());
    body.put("encoding_format", "float");
    var input = body.putArray("input");
    // Servers refuse an empty text, and a blank one has the same meaning.
    texts.forEach(text -> input.add(text.isEmpty() ? " " : text));
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(endpoint.embeddings())
            .timeout(TIMEOUT)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(JsonTrees.write(body)));
    key.ifPresent(value -> builder.header("authorization", "Bearer " + value));
    return builder.build();
  }

  private List<float[]> vectors(byte[] body, int count) {
    JsonNode data;
    try {
      data = JsonTrees.read(body).path("data");
    } catch (JacksonException e) {
      throw failed("answered with something that is no JSON" + excerpt(body));
    }
    List<Optional<float[]>> found = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      found.add(Optional.empty());
    }
    int position = 0;
    for (JsonNode element : data) {
      int index = element.path("index").asInt(position);
      position++;
      if (index >= 0 && index < count) {
        found.set(index, Optional.of(values(element.path("embedding"))));
      }
    }
    if (data.size() != count || found.stream().anyMatch(Optional::isEmpty)) {
      throw failed("answered with %d vectors for %d texts".formatted(data.size(), count));
    }
    return found.stream().map(Optional::orElseThrow).toList();
  }

  private float[] values(JsonNode embedding) {
    float[] values = new float[embedding.size()];
    for (int k = 0; k < values.length; k++) {
      JsonNode value = embedding.get(k);
      if (!value.isNumber() || !Float.isFinite((float) value.asDouble())) {
        throw failed("answered with a vector that holds \"%.40s\"".formatted(value));
      }
      values[k] = (float) value.asDouble();
    }
    if (values.length == 0) {
      throw failed("answered with a vector without values");
    }
    return values;
  }

  private static Duration retryAfter(HttpResponse<?> answer) {
    String seconds = answer.headers().firstValue("retry-after").orElse("");
    return seconds.matches("\\d{1,6}")
        ? Duration.ofSeconds(Long.parseLong(seconds))
        : Duration.ZERO;
  }

  /// The beginning of a server's message, without the key if it contains it.
  private String excerpt(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8).strip();
    String hidden = key.isPresent() ? text.replace(key.get(), "(key)") : text;
    return hidden.isEmpty() ? "" : ": " + hidden.substring(0, Math.min(300, hidden.length()));
  }

  private BadInputException failed(String problem) {
    return BadInputException.of("encoder %s %s".formatted(endpoint.name(), problem));
  }

  @Override
  public boolean isRemote() {
    return true;
  }

  @Override
  public void close() {
    requests.shutdown();
    client.close();
  }
}
