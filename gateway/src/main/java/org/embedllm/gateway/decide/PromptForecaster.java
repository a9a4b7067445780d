package org.embedllm.gateway.decide;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.embedllm.forecast.Forecast;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.usage.UsageForecast;

/// Forecasts for prompts. Safe for use by several threads; calls may block while a text is encoded.
public interface PromptForecaster extends AutoCloseable {
  /// Models it knows, in its own order.
  Set<String> models();

  /// What is expected of every model on a text.
  ///
  /// @throws DecisionException where too many texts wait already
  Forecast forecast(String text);

  /// What is expected of every model on a text of which more is known.
  ///
  /// @param attributes by name; those that training did not know have no influence
  /// @throws DecisionException where too many texts wait already
  Forecast forecast(String text, Map<String, String> attributes);

  /// What the probabilities are.
  default ForecastQuantity quantity() {
    return ForecastQuantity.CORRECTNESS;
  }

  /// What every model's answer to a text is expected to take.
  UsageForecast usage(String text);

  /// Takes in what a model's answer to a text took.
  void observe(String text, String model, AnswerUsage usage);

  /// The training questions most like a text, the nearest first; empty where they were not kept.
  List<Neighbor> nearest(String text, int count);

  /// What kind of prompt a text is: the benchmark of most of the five training questions nearest to
  /// it; empty where they were not kept.
  default String kind(String text) {
    Map<String, Integer> votes = new LinkedHashMap<>();
    nearest(text, 5).forEach(neighbor -> votes.merge(neighbor.benchmark(), 1, Integer::sum));
    return votes.entrySet().stream()
        .reduce((a, b) -> b.getValue() > a.getValue() ? b : a)
        .map(Map.Entry::getKey)
        .orElse("");
  }

  /// Takes in how well a model answered a text.
  ///
  /// @return whether its vector has moved; not where the trained model does not keep what that
  ///   takes
  boolean learn(String text, String model, double score);

  /// Takes in a vote: one model's answer to a text was better than another's.
  ///
  /// @return whether their vectors have moved
  boolean compare(String text, String better, String worse);

  /// The model with the best results in training among some; empty where that is not known.
  Optional<String> bestSingle(Set<String> among);

  /// The encoder behind it.
  EncoderIdentity encoder();

  /// Vectors of texts, [texts.size(), q].
  FloatMatrix encode(List<String> texts);

  /// Number of the encoder's tokens in a text.
  int tokenCount(String text);

  @Override
  void close();

  /// A training question.
  ///
  /// @param id its id
  /// @param benchmark where it is from
  /// @param text its text
  /// @param distance L2 distance of the vectors
  /// @param solvedBy part of the models that answered it correctly
  record Neighbor(String id, String benchmark, String text, double distance, double solvedBy) {}
}
