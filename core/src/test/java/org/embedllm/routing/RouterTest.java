package org.embedllm.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
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
  void limitOfTime_leavesOutWhatTakesLonger_andWhatIsNotKnown() {
    List<Route.Candidate> candidates =
        List.of(
            new Route.Candidate("slow", 0.9, Double.NaN, Double.NaN, 1, 30),
            new Route.Candidate("quick", 0.7, Double.NaN, Double.NaN, 1, 2),
            new Route.Candidate("unknown", 0.8, Double.NaN, Double.NaN, 1));
    Route route = new Router(new RoutingPolicy.Best(), 10).route(candidates);
    assertThat(route.model()).isEqualTo("quick");
    assertThat(route.ranking())
        .extracting(Route.Candidate::model)
        .containsExactly("quick", "slow", "unknown");
    assertThat(route.reason()).contains("1 of 3 candidates");
    Route none = new Router(new RoutingPolicy.Best(), 1).route(candidates);
    assertThat(none.model()).isEqualTo("quick");
    assertThat(none.reason()).contains("no candidate is expected within");
    assertThatThrownBy(() -> new Router(new RoutingPolicy.Best(), 0))
        .isInstanceOf(IllegalArgumentException.class);
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
    assertThat(route.reason()).contains("no candidate reaches 99 %;");
    assertThat(route(new RoutingPolicy.Cheapest(0.9999)).reason())
        .contains("no candidate reaches 99.99 %;");
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

  /// Random candidates, some without a price, some alike.
  private static List<ModelForecast> candidates(Random random, Map<String, Double> costs) {
    List<ModelForecast> candidates = new ArrayList<>();
    int count = 1 + random.nextInt(8);
    for (int i = 0; i < count; i++) {
      double p = random.nextInt(11) / 10.0;
      candidates.add(new ModelForecast("m" + i, p, p, p));
      if (random.nextInt(4) > 0) {
        costs.put("m" + i, random.nextInt(5) / 100.0);
      }
    }
    return candidates;
  }

  @Test
  void policies_onRandomCandidates_keepTheirPromise() {
    Random random = new Random(8);
    for (int round = 0; round < 2_000; round++) {
      Map<String, Double> costs = new HashMap<>();
      List<ModelForecast> candidates = candidates(random, costs);
      ToDoubleFunction<String> cost = model -> costs.getOrDefault(model, Double.NaN);
      double target = random.nextDouble();
      double budget = random.nextInt(5) / 100.0;
      Route.Candidate best = first(new RoutingPolicy.Best(), candidates, cost);
      Route.Candidate cheap = first(new RoutingPolicy.Cheapest(target), candidates, cost);
      Route.Candidate within = first(new RoutingPolicy.Budget(budget), candidates, cost);
      for (ModelForecast other : candidates) {
        double price = cost.applyAsDouble(other.model());
        assertThat(best.probability()).isGreaterThanOrEqualTo(other.probability());
        if (other.probability() >= target) {
          assertThat(cheap.probability()).isGreaterThanOrEqualTo(target);
          assertThat(Double.isNaN(price) || cheap.cost() <= price).isTrue();
        }
        if (price <= budget) {
          assertThat(within.cost()).isLessThanOrEqualTo(budget);
          assertThat(within.probability()).isGreaterThanOrEqualTo(other.probability());
        }
      }
    }
  }

  private static Route.Candidate first(
      RoutingPolicy policy, List<ModelForecast> candidates, ToDoubleFunction<String> cost) {
    Route route = new Router(policy).route(candidates, cost);
    assertThat(route.ranking()).hasSameSizeAs(candidates).doesNotHaveDuplicates();
    assertThat(route.model()).isEqualTo(route.ranking().getFirst().model());
    assertThat(route.reason()).isNotBlank();
    return route.ranking().getFirst();
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
    Files.writeString(file, "model,call\nlarge,1\nlarge,2\n");
    assertThatThrownBy(() -> ModelPrices.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(":3: names model large a second time");
  }

  @Test
  void prices_thatAreNotThere_areNotTakenForFree() throws IOException {
    Path file = folder.resolve("prices.csv");
    Files.writeString(file, "model,input,output,call\nlarge,2.5,,\n");
    assertThatThrownBy(() -> ModelPrices.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(":2: large has a price of input tokens and none of output tokens");
    Files.writeString(file, "model,output\nlarge,2.5\n");
    assertThatThrownBy(() -> ModelPrices.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(":2: large has a price of output tokens and none of input tokens");
    Files.writeString(file, "model,input,output,call\nsmall,0,0,\nlarge,,,\n");
    assertThatThrownBy(() -> ModelPrices.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(":3: large has no price; write 0 where it is free");
  }
}
