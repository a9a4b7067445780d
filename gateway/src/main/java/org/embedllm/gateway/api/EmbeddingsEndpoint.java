package org.embedllm.gateway.api;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.embedllm.gateway.decide.PromptForecaster;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.tensor.FloatMatrix;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `POST /v1/embeddings` by the encoder that routes: no other key is needed.
final class EmbeddingsEndpoint {
  private static final int MOST_TEXTS = 2_048;
  private static final Encoding TOKENS =
      Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.CL100K_BASE);

  private EmbeddingsEndpoint() {}

  /// Whether a request is for the encoder here, not for an upstream's embedding model.
  static boolean isOwn(GatewayRequest request) {
    String model = ChatJson.read(request.body()).path("model").asString("");
    return !request.snapshot().upstreams().models().contains(meant(request.snapshot(), model));
  }

  private static String meant(GatewaySnapshot live, String model) {
    return live.config().alias().getOrDefault(model, model);
  }

  static ObjectNode answer(GatewayRequest from) {
    GatewaySnapshot live = from.snapshot();
    JsonNode request = ChatJson.read(from.body());
    live.ledger().admit(from.client());
    PromptForecaster forecaster = live.forecaster();
    String name = forecaster.encoder().name();
    String model = request.path("model").asString("");
    if (model.isEmpty()) {
      throw ApiException.badRequest(
          "missing_required_parameter",
          "model",
          "\"model\" is missing: the encoder here is \"" + name + "\", \"auto\" means the same");
    }
    String meant = meant(live, model);
    if (!meant.equals(name) && !meant.equals("auto")) {
      throw ApiException.of(
          404,
          "invalid_request_error",
          "model_not_found",
          "the encoder here is \"%s\"; got \"%s\"".formatted(name, model));
    }
    JsonNode dimensions = request.path("dimensions");
    int most = forecaster.encoder().dimension();
    int wanted = dimensions.isNumber() ? dimensions.asInt() : most;
    if (wanted < 1 || wanted > most) {
      throw ApiException.badRequest(
          "unsupported_value",
          "dimensions",
          "vectors of %s have at most %d dimensions".formatted(name, most));
    }
    String format = request.path("encoding_format").asString("float");
    if (!format.equals("float") && !format.equals("base64")) {
      throw ApiException.badRequest(
          "invalid_value", "encoding_format", "encoding_format is float or base64");
    }
    List<String> texts = texts(request.path("input"));
    return json(forecaster, name, texts, wanted, format.equals("base64"));
  }

  private static List<String> texts(JsonNode input) {
    var texts = new ArrayList<String>();
    if (input.isString()) {
      texts.add(input.asString());
    } else if (isTokens(input)) {
      texts.add(text(input));
    } else if (input.isArray()) {
      for (JsonNode text : input) {
        if (!text.isString() && !isTokens(text)) {
          throw ApiException.badRequest(
              "invalid_type", "input", "input is a text or token numbers, or a list of these");
        }
        texts.add(text.isString() ? text.asString() : text(text));
      }
    }
    if (texts.isEmpty() || texts.size() > MOST_TEXTS) {
      throw ApiException.badRequest(
          "invalid_value", "input", "input is a string or from 1 to " + MOST_TEXTS + " strings");
    }
    return texts;
  }

  private static boolean isTokens(JsonNode node) {
    return node.isArray() && !node.isEmpty() && node.get(0).isNumber();
  }

  /// Tokens are those of OpenAI's embedding models, as clients make them before they ask.
  private static String text(JsonNode tokens) {
    var numbers = new IntArrayList();
    for (JsonNode token : tokens) {
      if (!token.isIntegralNumber() || !token.canConvertToInt()) {
        throw unknownToken(token);
      }
      numbers.add(token.asInt());
    }
    try {
      return TOKENS.decode(numbers);
    } catch (IllegalArgumentException | NullPointerException e) {
      // It fails in either way at a number that it does not know.
      throw unknownToken(tokens);
    }
  }

  private static ApiException unknownToken(JsonNode found) {
    String text = found.toString();
    return ApiException.badRequest(
        "invalid_value",
        "input",
        "input has a token that cl100k_base does not know: "
            + (text.length() > 60 ? text.substring(0, 60) + "…" : text));
  }

  private static ObjectNode json(
      PromptForecaster forecaster,
      String name,
      List<String> texts,
      int dimensions,
      boolean base64) {
    FloatMatrix vectors = forecaster.encode(texts);
    ObjectNode root = ChatJson.mapper().createObjectNode();
    root.put("object", "list");
    root.put("model", name);
    ArrayNode data = root.putArray("data");
    long tokens = 0;
    for (int i = 0; i < texts.size(); i++) {
      ObjectNode entry = data.addObject();
      entry.put("object", "embedding");
      entry.put("index", i);
      float[] vector = shortened(vectors.row(i), dimensions);
      if (base64) {
        entry.put("embedding", base64(vector));
      } else {
        ArrayNode values = entry.putArray("embedding");
        for (float value : vector) {
          values.add(value);
        }
      }
      tokens += forecaster.tokenCount(texts.get(i));
    }
    root.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
    return root;
  }

  /// The first numbers of a vector, at its length.
  private static float[] shortened(float[] vector, int dimensions) {
    if (dimensions == vector.length) {
      return vector;
    }
    float[] first = Arrays.copyOf(vector, dimensions);
    double whole = norm(vector);
    double part = norm(first);
    for (int i = 0; i < first.length && part > 0; i++) {
      first[i] = (float) (first[i] * whole / part);
    }
    return first;
  }

  private static double norm(float[] vector) {
    double sum = 0;
    for (float x : vector) {
      sum += (double) x * x;
    }
    return Math.sqrt(sum);
  }

  private static String base64(float[] vector) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * vector.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : vector) {
      bytes.putFloat(value);
    }
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
