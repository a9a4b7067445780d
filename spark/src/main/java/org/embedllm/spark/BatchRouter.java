package org.embedllm.spark;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.ServedForecaster;
import org.embedllm.correctness.Attributes;
import org.embedllm.forecast.Forecast;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.EncodedTexts;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.routing.CallCosts;
import org.embedllm.routing.ModelPrices;
import org.embedllm.routing.Route;
import org.embedllm.routing.Router;
import org.embedllm.routing.RoutingPolicies;
import org.embedllm.storage.BadInputException;
import org.embedllm.usage.UsageForecast;
import org.embedllm.usage.UsageModel;
import org.jspecify.annotations.Nullable;

/// Routes prompts by text or by vector. Safe for use by all tasks of a process: they share one
/// encoder, which computes each call on one thread.
final class BatchRouter {
  private static final double USUAL_TOKENS = 300; // of an answer whose length nothing forecasts

  private final ModelArtifact artifact;
  private final ServedForecaster served;
  private final Optional<UsageModel> usage;
  private final CallCosts costs;
  private final Router router;
  private @Nullable QuestionEncoder encoder;

  /// @param policy in its text form
  /// @throws BadInputException when it is none, or needs costs that are not known
  BatchRouter(ModelArtifact artifact, ServedForecaster served, ModelPrices prices, String policy) {
    this.artifact = artifact;
    this.served = served;
    this.usage = artifact.usage();
    this.costs =
        prices.known()
            ? CallCosts.ofPrices(prices, usage, USUAL_TOKENS)
            : CallCosts.ofLogs(artifact.callCosts(), usage);
    this.router =
        new Router(
            RoutingPolicies.parse(policy)
                .orElseThrow(() -> BadInputException.of(RoutingPolicies.problem(policy))));
    if (!policy.equals("best") && !costs.known()) {
      throw BadInputException.of(
          "this policy needs prices and the logs had none: give --prices FILE, a CSV"
              + " model,input,output,call");
    }
  }

  /// Vectors and token counts of texts.
  ///
  /// @throws BadInputException when the encoder of the model file is not there
  EncodedTexts encoded(List<String> texts) {
    return encoder().encodeAndCount(texts);
  }

  private synchronized QuestionEncoder encoder() {
    QuestionEncoder own = encoder;
    if (own == null) {
      own =
          Encoders.open(
              artifact.encoder(),
              Optional.empty(),
              EncoderSettings.of(System.getenv()).withThreads(1));
      encoder = own;
    }
    return own;
  }

  /// What the probabilities of its routes are.
  ForecastQuantity quantity() {
    return artifact.quantity();
  }

  /// The route of a prompt.
  ///
  /// @param vector of the text, `[q]`
  /// @param tokens of the text
  /// @param fields further columns; those that are attributes count
  Route route(String text, float[] vector, int tokens, Map<String, String> fields) {
    int q = artifact.encoder().dimension();
    if (vector.length != q) {
      throw new IllegalArgumentException(
          "the vector has %d numbers; the model file takes %d".formatted(vector.length, q));
    }
    Attributes known = served.forecaster().attributes().parsed(fields);
    Forecast forecast = served.forecast(text, vector, known);
    UsageForecast expected =
        usage.map(model -> model.forecast(vector)).orElse(UsageForecast.UNKNOWN);
    Route route = router.route(costs.candidates(forecast, tokens, expected));
    return forecast.abstain() ? route.asAbstained() : route;
  }
}
