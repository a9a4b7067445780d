package org.embedllm.gateway;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.embedllm.correctness.UsageQuantity;
import org.embedllm.forecast.Forecast;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.gateway.decide.AnswerUsage;
import org.embedllm.gateway.decide.PromptForecaster;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.usage.UsageEstimate;
import org.embedllm.usage.UsageForecast;

/// A forecaster with fixed opinions: a probability for each model, another one for texts that
/// contain a word.
public final class FakeForecaster implements PromptForecaster {
  private final Map<String, Double> usually = new LinkedHashMap<>();
  private final Map<String, Map<String, Double>> onWord = new LinkedHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> learned = new CopyOnWriteArrayList<>();
  private final List<String> observed = new CopyOnWriteArrayList<>();
  private final Map<String, Double> tokens = new LinkedHashMap<>();
  private volatile boolean closed;
  private volatile boolean broken;

  public FakeForecaster with(String model, double probability) {
    usually.put(model, probability);
    return this;
  }

  /// Fails from now on, as a fault of the program would.
  void breaks() {
    broken = true;
  }

  FakeForecaster onWord(String word, String model, double probability) {
    onWord.computeIfAbsent(word, w -> new LinkedHashMap<>()).put(model, probability);
    return this;
  }

  /// Forecasts the length of a model's answers.
  FakeForecaster writing(String model, double length) {
    tokens.put(model, length);
    return this;
  }

  /// What answers took, as it was told.
  List<String> observed() {
    return observed;
  }

  @Override
  public UsageForecast usage(String text) {
    return new UsageForecast(
        tokens.entrySet().stream()
            .map(e ->
                new UsageForecast.OfModel(
                    e.getKey(),
                    Map.of(
                        UsageQuantity.OUTPUT_TOKENS,
                        new UsageEstimate(e.getValue(), 1, 2 * e.getValue()))))
            .toList());
  }

  @Override
  public void observe(String text, String model, AnswerUsage usage) {
    observed.add(model + " " + usage.tokens() + (usage.cutOff() ? " cut off" : ""));
  }

  List<String> asked() {
    return asked;
  }

  boolean closed() {
    return closed;
  }

  @Override
  public Set<String> models() {
    return usually.keySet();
  }

  @Override
  public Forecast forecast(String text) {
    asked.add(text);
    if (broken) {
      throw new IllegalStateException("broken on purpose");
    }
    var all = new LinkedHashMap<>(usually);
    onWord.forEach((word, opinions) -> {
      if (text.contains(word)) {
        all.putAll(opinions);
      }
    });
    var forecasts = new ArrayList<ModelForecast>();
    all.forEach((m, p) -> forecasts.add(new ModelForecast(m, p, p - 0.05, p + 0.05)));
    return new Forecast(forecasts, false);
  }

  @Override
  public List<Neighbor> nearest(String text, int count) {
    return List.of(new Neighbor("q1", "arithmetic", "What is one and one?", 0.25, 0.5));
  }

  @Override
  public boolean learn(String text, String model, double score) {
    learned.add(model + " " + score + " " + text);
    return true;
  }

  @Override
  public boolean compare(String text, String better, String worse) {
    learned.add(better + " > " + worse + " " + text);
    return true;
  }

  List<String> learned() {
    return learned;
  }

  @Override
  public Optional<String> bestSingle(Set<String> among) {
    return usually.entrySet().stream()
        .filter(entry -> among.contains(entry.getKey()))
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey);
  }

  @Override
  public EncoderIdentity encoder() {
    return new EncoderIdentity("fake-encoder", "00", 3, 0);
  }

  @Override
  public FloatMatrix encode(List<String> texts) {
    float[] values = new float[texts.size() * 3];
    for (int i = 0; i < texts.size(); i++) {
      values[i * 3] = texts.get(i).length();
      values[i * 3 + 1] = 0.5f;
      values[i * 3 + 2] = -1;
    }
    return FloatMatrix.wrap(texts.size(), 3, values);
  }

  @Override
  public int tokenCount(String text) {
    return text.split("\\s+").length + 2;
  }

  @Override
  public void close() {
    closed = true;
  }
}
