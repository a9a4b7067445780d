package org.embedllm.app.ask;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.embedllm.routing.ModelPrices;
import org.embedllm.storage.BadInputException;

/// A model on an OpenAI-compatible server.
///
/// @param url base URL, such as `https://api.example.com/v1`
/// @param name what the server calls the model
/// @param model what the pool calls it
/// @param key sent as a bearer token
/// @param headers added to each request
/// @param price of a call, where it is known
/// @param concurrency most requests at a time
/// @param requestsPerMinute most requests a minute; empty for no limit
record ChatEndpoint(
    URI url,
    String name,
    String model,
    Optional<String> key,
    Map<String, String> headers,
    Optional<ModelPrices.Price> price,
    int concurrency,
    OptionalDouble requestsPerMinute) {
  ChatEndpoint {
    headers = Map.copyOf(headers);
  }

  /// A base URL from the command line.
  ///
  /// @param option that it was given with
  static URI url(String option, String text) {
    try {
      URI url = new URI(text.replaceAll("/+$", ""));
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (http && url.getHost() != null) {
        return url;
      }
    } catch (URISyntaxException e) {
      // The same message as for other wrong addresses.
      throw notUrl(option, text);
    }
    throw notUrl(option, text);
  }

  private static BadInputException notUrl(String option, String text) {
    return BadInputException.of(
        "%s must be a base URL such as http://127.0.0.1:8000/v1; got \"%s\""
            .formatted(option, text));
  }

  URI completions() {
    return URI.create(url + "/chat/completions");
  }

  /// How messages name it: never its key.
  String label() {
    return name + " at " + url;
  }
}
