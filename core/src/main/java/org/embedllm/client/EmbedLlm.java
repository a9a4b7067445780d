package org.embedllm.client;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.ServedForecaster;
import org.embedllm.correctness.Attributes;
import org.embedllm.forecast.Forecast;
import org.embedllm.question.EncodedTexts;
import org.embedllm.question.EncoderProvider;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.routing.CallCosts;
import org.embedllm.routing.ModelPrices;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.storage.BadInputException;
import org.embedllm.usage.UsageForecast;
import org.embedllm.usage.UsageModel;

/// A model file and its encoder, opened.
///
/// ```java
/// try (PromptRouter router = EmbedLlm.open(path).router()) {
///   Route route = router.route(prompt);
/// }
/// ```
///
/// Keep one for the life of a program: the encoder loads in the background, and the first prompt
/// waits for it. Safe for use by several threads.
public final class EmbedLlm implements AutoCloseable {
  private static final double USUAL_TOKENS = 300; // of an answer whose length nothing forecasts

  private final ModelArtifact artifact;
  private final QuestionEncoder encoder;
  private final ServedForecaster forecaster;
  private final Optional<UsageModel> usage;

  private EmbedLlm(ModelArtifact artifact, QuestionEncoder encoder, ServedForecaster forecaster) {
    this.artifact = artifact;
    this.encoder = encoder;
    this.forecaster = forecaster;
    this.usage = artifact.usage();
  }

  /// Opens a model file with the encoder it was trained with.
  ///
  /// @throws BadInputException when the file is no model file or is damaged, or its encoder is not
  ///   there or is another one by now
  /// @throws IOException when the file cannot be read
  public static EmbedLlm open(Path modelFile) throws IOException {
    ModelArtifact artifact = ModelArtifact.open(modelFile);
    return open(modelFile, artifact, encoder(artifact.encoder().name()));
  }

  /// Opens a model file with an encoder of your own. It is closed with this object.
  ///
  /// @throws BadInputException when the file is no model file or is damaged, or was trained with
  ///   another encoder
  /// @throws IOException when the file cannot be read
  public static EmbedLlm open(Path modelFile, QuestionEncoder encoder) throws IOException {
    return open(modelFile, ModelArtifact.open(modelFile), encoder);
  }

  private static EmbedLlm open(Path file, ModelArtifact artifact, QuestionEncoder encoder)
      throws IOException {
    try {
      artifact.requireEncoder(encoder.identity());
      return new EmbedLlm(artifact, encoder, artifact.served(file));
    } catch (RuntimeException | IOException e) {
      encoder.close();
      throw e;
    }
  }

  private static QuestionEncoder encoder(String name) {
    for (EncoderProvider provider : ServiceLoader.load(EncoderProvider.class)) {
      Optional<QuestionEncoder> opened = provider.open(name, System.getenv());
      if (opened.isPresent()) {
        return opened.get();
      }
    }
    throw BadInputException.of(
        "the model file needs the encoder \"%s\", and no library on the class path has it: add org.embedllm:embedllm-onnx, or open the file with an encoder of your own"
            .formatted(name));
  }

  /// Names of the models, in the order of the file.
  public List<String> models() {
    return forecaster.forecaster().models();
  }

  /// What the file holds.
  public ModelArtifact artifact() {
    return artifact;
  }

  /// P(correct) of every model on a prompt.
  public Forecast forecast(String prompt) {
    return encoded(prompt).forecast();
  }

  /// A router to the model most likely to be right.
  public PromptRouter router() {
    return router(new RoutingPolicy.Best());
  }

  /// A router by a policy. Costs are those that the logs reported, where they did.
  public PromptRouter router(RoutingPolicy policy) {
    return new PromptRouter(this, policy, CallCosts.ofLogs(artifact.callCosts(), usage));
  }

  /// A router by a policy and a price list.
  public PromptRouter router(RoutingPolicy policy, ModelPrices prices) {
    return new PromptRouter(this, policy, CallCosts.ofPrices(prices, usage, USUAL_TOKENS));
  }

  /// Closes the encoder. Routers of this object can no longer be used.
  @Override
  public void close() {
    encoder.close();
  }

  /// A prompt's forecast, its length in tokens, and what answers to it are expected to take.
  record Encoded(Forecast forecast, UsageForecast usage, int tokens) {}

  Encoded encoded(String prompt) {
    EncodedTexts texts = encoder.encodeAndCount(List.of(prompt));
    float[] vector = texts.vectors().row(0); // [q]
    return new Encoded(
        forecaster.forecast(prompt, vector, Attributes.NONE),
        usage.map(model -> model.forecast(vector)).orElse(UsageForecast.UNKNOWN),
        texts.tokenCounts().getFirst());
  }
}
