package org.embedllm.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.routing.Route;
import org.embedllm.routing.Router;
import org.embedllm.routing.RoutingPolicy;

/// Routing inside your own JVM: no gateway, no network, some milliseconds a prompt.
///
/// Keep one for the life of your program; it is safe for use by several threads.
public final class RoutePrompts implements AutoCloseable {
  private final CorrectnessForecaster forecaster;
  private final QuestionEncoder encoder;
  private final Router router;

  /// @param modelFile what `embedllm train` or [TrainRouter] wrote
  public RoutePrompts(Path modelFile, RoutingPolicy policy) throws IOException {
    ModelArtifact artifact = ModelArtifact.open(modelFile);
    this.forecaster = artifact.forecaster();
    this.encoder = Encoders.open(artifact.encoder().name(), EncoderSettings.of(System.getenv()));
    artifact.requireEncoder(encoder.identity());
    this.router = new Router(policy);
  }

  /// Which model should answer, everybody's rank, and why.
  public Route route(String prompt) {
    float[] vector = encoder.encode(List.of(prompt)).row(0); // [q]
    // No prices are known here; give a function from model to USD a call to use them.
    return router.route(forecaster.forecast(vector).models(), model -> Double.NaN);
  }

  @Override
  public void close() {
    encoder.close();
  }

  /// @param arguments the model file and a prompt
  public static void main(String[] arguments) throws IOException {
    try (RoutePrompts routes = new RoutePrompts(Path.of(arguments[0]), new RoutingPolicy.Best())) {
      Route route = routes.route(arguments[1]);
      System.out.println(route.model() + ": " + route.reason());
    }
  }
}
