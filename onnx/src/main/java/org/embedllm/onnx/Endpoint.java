package org.embedllm.onnx;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.embedllm.storage.BadInputException;

/// An embeddings endpoint of an OpenAI-compatible server.
///
/// @param base address up to and without `/embeddings`, such as `https://host/v1`
/// @param model the model's name there
record Endpoint(URI base, String model) {
  /// The variable with the key of any endpoint.
  static final String KEY_VARIABLE = "EMBEDLLM_ENCODER_KEY";

  private static final String OPENAI_VARIABLE = "OPENAI_API_KEY";

  static boolean isAddress(String name) {
    return name.startsWith("https://") || name.startsWith("http://");
  }

  /// @param name `https://host/v1#model`
  static Endpoint parse(String name) {
    int hash = name.indexOf('#');
    if (hash < 0 || hash == name.length() - 1) {
      throw BadInputException.of(
          "an encoder's address must name its model, as in https://host/v1#model; got \"%s\""
              .formatted(name));
    }
    try {
      URI base = URI.create(name.substring(0, hash).replaceAll("(/embeddings)?/*$", ""));
      if (base.getHost() == null || base.getUserInfo() != null) {
        throw BadInputException.of(
            "an encoder's address must have a host and no user or password; keys come from "
                + KEY_VARIABLE);
      }
      return new Endpoint(base, name.substring(hash + 1));
    } catch (IllegalArgumentException e) {
      throw BadInputException.of("\"%s\" is no address".formatted(name));
    }
  }

  /// How a user names it.
  String name() {
    return base + "#" + model;
  }

  URI embeddings() {
    return URI.create(base + "/embeddings");
  }

  /// The key to send. `OPENAI_API_KEY` is sent to OpenAI only.
  Optional<String> key(Map<String, String> environment) {
    String host = base.getHost().toLowerCase(Locale.ROOT);
    boolean openAi = host.equals("api.openai.com") && "https".equals(base.getScheme());
    String own = environment.getOrDefault(KEY_VARIABLE, "");
    String key = own.isBlank() && openAi ? environment.getOrDefault(OPENAI_VARIABLE, "") : own;
    return key.isBlank() ? Optional.empty() : Optional.of(key.strip());
  }
}
