package org.embedllm.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouterTest {
  private static final List<ModelForecast> FORECASTS =
      List.of(
          new ModelForecast("large", 0.9, 0.8, 0.95),
          new ModelForecast("middle", 0.8, 0.7, 0.9),
          new ModelForecast("small", 0.6, 0.5, 0.7),
          new ModelForecast("unpriced", 0.85, 0.7, 0.9));
  private static final Map<String, Double> COSTS =
      Map.of("large", 0.02, "middle", 0.004, "small", 0.001);

  @TempDir Path folder;

  private static Route route(RoutingPolicy policy) {
    return new Router(policy).route(FORECASTS, model -> COSTS.getOrDefault(model, Double.NaN));
  }

  private static List<String> ranking(RoutingPolicy policy) {
    return route(policy).ranking().stream().map(Route.Candidate::model).toList();
  }

  @Test
  void best_ranksByProbability() {
    assertThat(ranking(new RoutingPolicy.Best()))
        .containsExactly("large", "unpriced", "middle", "small");
    assertThat(route(new RoutingPolicy.Best()).reason()).contains("90.0 %");
  }

  @Test
  void cheapest_takesTheCheapestThatReachesTheTarget() {
    assertThat(ranking(new RoutingPolicy.Cheapest(0.75)))
        .containsExactly("middle", "large", "unpriced", "small");
    assertThat(route(new RoutingPolicy.Cheapest(0.75)).reason()).contains("cheapest of 3");
  }

  @Test
  void cheapest_whenNoneReachesTheTarget_takesTheMostLikely() {
    Route route = route(new RoutingPolicy.Cheapest(0.99));
    assertThat(route.model()).isEqualTo("large");
    assertThat(route.reason()).contains("no candidate reaches 99.0 %");
  }

  @Test
  void budget_takesTheBestWithin() {
    assertThat(ranking(new RoutingPolicy.Budget(0.005)))
        .containsExactly("middle", "small", "large", "unpriced");
    assertThat(route(new RoutingPolicy.Budget(0.0001)).model()).isEqualTo("small");
  }

  @Test
  void dial_goesFromThePriceToTheProbability() {
    assertThat(route(new RoutingPolicy.Dial(0)).model()).isEqualTo("small");
    assertThat(route(new RoutingPolicy.Dial(1)).model()).isEqualTo("large");
  }

  @Test
  void tie_goesToTheCheaper() {
    List<ModelForecast> equal =
        List.of(
            new ModelForecast("unknown", 0.5, 0, 1),
            new ModelForecast("dear", 0.5, 0, 1),
            new ModelForecast("cheap", 0.5, 0, 1));
    Map<String, Double> costs = Map.of("dear", 2.0, "cheap", 1.0);
    Route route =
        new Router(new RoutingPolicy.Best())
            .route(equal, model -> costs.getOrDefault(model, Double.NaN));
    assertThat(route.ranking())
        .extracting(Route.Candidate::model)
        .containsExactly("cheap", "dear", "unknown");
  }

  @Test
  void prices_fromAFile_giveTheCostOfACall() throws IOException {
    Path file = folder.resolve("prices.csv");
    Files.writeString(file, "model,input,output,call\nlarge,2.5,10,0\nsmall,0.1,,0.001\n");
    ModelPrices prices = ModelPrices.read(file);
    assertThat(prices.cost("large", 1_000, 500)).isEqualTo(0.0075);
    assertThat(prices.cost("small", 1_000, 500)).isEqualTo(0.0011);
    assertThat(prices.cost("other", 1_000, 500)).isNaN();
  }

  @Test
  void prices_thatAreWrong_areRefusedWithFileAndLine() throws IOException {
    Path file = folder.resolve("prices.csv");
    Files.writeString(file, "model,input,output,call\nlarge,2.5,much,0\n");
    assertThatThrownBy(() -> ModelPrices.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("prices.csv:2: output must be a price of 0 or more; got \"much\"");
    Files.writeString(file, "name,cost\nlarge,2.5\n");
    assertThatThrownBy(() -> ModelPrices.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("the header must be model,input,output,call");
    Files.writeString(file, "model,input\nlarge,1\nlarge,2\n");
    assertThatThrownBy(() -> ModelPrices.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(":3: names model large a second time");
  }
}
