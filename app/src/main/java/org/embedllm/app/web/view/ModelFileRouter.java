package org.embedllm.app.web.view;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.embedllm.artifact.ServedForecaster;
import org.embedllm.correctness.Attributes;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.forecast.Forecast;
import org.embedllm.neighbors.NeighborSearch;
import org.embedllm.neighbors.Neighborhoods;
import org.embedllm.question.EncodedTexts;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.routing.CallCosts;
import org.embedllm.routing.Route;
import org.embedllm.routing.Router;
import org.embedllm.routing.RoutingPolicies;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.usage.UsageForecast;

/// Routes with the model file alone, as the command `route` does.
public final class ModelFileRouter implements PlaygroundRouter {
  private static final int REMEMBERED = 256; // vectors of prompts

  private final ModelSpace space;
  private final Optional<Path> priceFile;
  private final QuestionEncoder encoder;
  private final ServedForecaster forecaster;
  private final CallCosts costs;
  private final Optional<NeighborSearch> search;
  private final Cache<String, EncodedTexts> encoded =
      Caffeine.newBuilder().maximumSize(REMEMBERED).executor(Runnable::run).build();

  /// @param priceFile for the command line
  /// @param encoder the model's own; closed with this
  public ModelFileRouter(ModelSpace space, Optional<Path> priceFile, QuestionEncoder encoder) {
    this.space = space;
    this.priceFile = priceFile;
    this.encoder = encoder;
    this.forecaster = space.artifact().served(space.questions());
    this.costs = space.costs();
    this.search =
        space
            .questions()
            .filter(q -> q.vectors().count() > 0)
            .map(q -> new NeighborSearch(q.vectors().vectors(), 1));
  }

  @Override
  public Routed route(String prompt, RoutingPolicy policy, Requester requester) {
    long start = System.nanoTime();
    EncodedTexts text = encoded(prompt);
    long vector = System.nanoTime();
    float[] question = text.vectors().row(0);
    Forecast forecast = forecaster.forecast(prompt, question, Attributes.NONE);
    UsageForecast usage =
        costs.usage().map(model -> model.forecast(question)).orElse(UsageForecast.UNKNOWN);
    int tokens = text.tokenCounts().getFirst();
    Route found = new Router(policy).route(costs.candidates(forecast, tokens, usage));
    Route route = forecast.abstain() ? found.asAbstained() : found;
    long routed = System.nanoTime();
    return new Routed(
        route.model(),
        route.reason(),
        forecast,
        route.ranking().stream()
            .map(c ->
                new Candidate(
                    c.model(), c.probability(), c.low(), c.high(), c.cost(), Optional.empty()))
            .toList(),
        List.of(),
        prompt,
        (vector - start) / 1e6,
        (routed - vector) / 1e6);
  }

  private EncodedTexts encoded(String prompt) {
    return encoded.get(prompt, text -> encoder.encodeAndCount(List.of(text)));
  }

  @Override
  public List<Neighbor> nearest(String prompt, int count) {
    if (search.isEmpty()) {
      return List.of();
    }
    CorrectnessMatrix matrix = space.questions().orElseThrow().matrix();
    Neighborhoods found =
        search.get().nearest(encoded(prompt).vectors(), Math.min(count, matrix.questionCount()));
    List<Neighbor> neighbors = new ArrayList<>();
    for (int i = 0; i < found.k(); i++) {
      Question q = matrix.questions().get(found.question(0, i));
      neighbors.add(new Neighbor(q.id(), q.benchmark(), q.text(), found.distance(0, i)));
    }
    return neighbors;
  }

  @Override
  public String command(String prompt, RoutingPolicy policy, Requester requester) {
    boolean usual = policy.equals(new RoutingPolicy.Best());
    return "./embedllm route "
        + ShellQuoting.quoted(space.file().toString())
        + (usual ? "" : " --policy " + RoutingPolicies.format(policy))
        + priceFile.map(file -> " --prices " + ShellQuoting.quoted(file.toString())).orElse("")
        + " -- "
        + ShellQuoting.quoted(prompt);
  }

  @Override
  public void close() {
    encoder.close();
  }
}
