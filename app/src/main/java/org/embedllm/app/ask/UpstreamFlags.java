package org.embedllm.app.ask;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.embedllm.routing.ModelPrices;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which server to ask, and how fast.
final class UpstreamFlags {
  private static final double MINUTE_LIMIT = 1e6;
  private static final int CONCURRENCY = 8;

  @Option(
      names = "--upstream",
      paramLabel = "URL",
      description = "Base URL of an OpenAI-compatible server, such as http://127.0.0.1:8000/v1.")
  private @Nullable String upstream;

  @Option(names = "--name", paramLabel = "NAME", description = "The model's name on that server.")
  private @Nullable String name;

  @Option(
      names = "--as",
      paramLabel = "MODELNAME",
      description = "The model's name in the pool. Default: the name on the server.")
  private @Nullable String poolName;

  @Option(
      names = "--key-env",
      paramLabel = "VAR",
      description = "Environment variable with the server's key.")
  private @Nullable String keyVariable;

  @Option(
      names = "--prices",
      paramLabel = "FILE",
      description =
          "CSV model,input,output,call with the price of the model, and of a judge, for the cost.")
  private @Nullable Path prices;

  @Option(
      names = "--max-usd",
      paramLabel = "C",
      description = "Stop before the calls cost more than this in all.")
  private double maxUsd = Double.POSITIVE_INFINITY;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description =
          "Most requests to a server at a time; with --all at most the configuration's."
              + " Default: ${DEFAULT-VALUE}.")
  private int concurrency = CONCURRENCY;

  @Option(
      names = "--requests-per-minute",
      paramLabel = "N",
      description = "Most requests a minute.")
  private double requestsPerMinute;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "Most tokens of an answer. Default: the server's own limit.")
  private int maxTokens;

  /// The endpoint that the options name.
  ///
  /// @throws BadInputException where one is missing or wrong
  ChatEndpoint endpoint() throws IOException {
    if (upstream == null || name == null) {
      throw BadInputException.of(
          "name the model to ask: --upstream URL --name NAME, or --all gateway.yaml for all models"
              + " of a gateway");
    }
    URI url = ChatEndpoint.url("--upstream", upstream);
    String model = poolName == null ? name : poolName;
    return new ChatEndpoint(
        url,
        name,
        model,
        key("--key-env", keyVariable),
        Map.of(),
        price(model),
        concurrency(),
        pace());
  }

  /// What may be spent, where the price is known.
  SpendLimit limit(boolean priced) {
    if (!(maxUsd > 0)) {
      throw BadInputException.of("--max-usd must be more than 0; got " + maxUsd);
    }
    if (maxUsd < Double.POSITIVE_INFINITY && !priced) {
      throw BadInputException.of(
          "--max-usd needs the model's price: name a file with --prices, or price in the"
              + " configuration");
    }
    return new SpendLimit(maxUsd);
  }

  OptionalInt maxTokens() {
    if (maxTokens < 0) {
      throw BadInputException.of("--max-tokens must be at least 1; got " + maxTokens);
    }
    return maxTokens == 0 ? OptionalInt.empty() : OptionalInt.of(maxTokens);
  }

  private Optional<ModelPrices.Price> price(String model) throws IOException {
    if (prices == null) {
      return Optional.empty();
    }
    Map<String, ModelPrices.Price> known = ModelPrices.read(prices).prices();
    ModelPrices.Price price = known.getOrDefault(model, known.get(name));
    if (price == null) {
      throw BadInputException.in(prices, "has no price of \"" + model + "\"");
    }
    return Optional.of(price);
  }

  /// The price of a judge, where --prices has it.
  ///
  /// @throws BadInputException where it has none and --max-usd needs it
  Optional<ModelPrices.Price> judgePrice(String judge) throws IOException {
    Optional<ModelPrices.Price> price =
        prices == null
            ? Optional.empty()
            : Optional.ofNullable(ModelPrices.read(prices).prices().get(judge));
    if (price.isEmpty() && maxUsd < Double.POSITIVE_INFINITY) {
      throw BadInputException.of(
          "--max-usd needs the price of the judge \"%s\": add it to a file, and name that with --prices"
              .formatted(judge));
    }
    return price;
  }

  OptionalDouble pace() {
    if (requestsPerMinute < 0 || requestsPerMinute > MINUTE_LIMIT) {
      throw BadInputException.of(
          "--requests-per-minute must be from 0 to 1000000; got " + requestsPerMinute);
    }
    return requestsPerMinute == 0 ? OptionalDouble.empty() : OptionalDouble.of(requestsPerMinute);
  }

  int concurrency() {
    if (concurrency < 1 || concurrency > AskCommand.MOST_CONCURRENT) {
      throw BadInputException.of(
          "--concurrency must be from 1 to %d; got %d"
              .formatted(AskCommand.MOST_CONCURRENT, concurrency));
    }
    return concurrency;
  }

  /// A key from the environment.
  ///
  /// @param option that names the variable
  static Optional<String> key(String option, @Nullable String variable) {
    if (variable == null) {
      return Optional.empty();
    }
    String value = System.getenv(variable);
    if (value == null || value.isBlank()) {
      throw BadInputException.of(
          "%s names the environment variable %s, which is not set".formatted(option, variable));
    }
    return Optional.of(value);
  }
}
