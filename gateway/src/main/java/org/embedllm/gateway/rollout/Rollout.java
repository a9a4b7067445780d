package org.embedllm.gateway.rollout;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.gateway.config.RolloutConfig;
import org.embedllm.gateway.openai.Turn;
import org.embedllm.gateway.rollout.Assignment.Arm;
import org.embedllm.offpolicy.Exploration;
import org.embedllm.storage.Sha256;

/// Turns the policy's choice into the model that is asked. Safe for several threads.
///
/// The probability of every candidate is kept with the decision: exploration and canaries are
/// experiments whose log says what other policies would have got.
public final class Rollout {
  private final RolloutConfig config;
  private final Optional<String> defaultModel;
  private final RolloutState state;
  private final DoubleSupplier random;

  /// @param bestSingle the default model where the configuration names none
  /// @param random uniform in [0, 1)
  public Rollout(
      RolloutConfig config,
      Optional<String> bestSingle,
      RolloutState state,
      DoubleSupplier random) {
    this.config = config;
    this.defaultModel = config.defaultModel().or(() -> bestSingle);
    this.state = state;
    this.random = random;
  }

  /// A request to be decided.
  ///
  /// @param client name of its key; empty without keys
  /// @param session the conversation's name, where the client gives it one
  /// @param turns its messages
  /// @param underWay whether the conversation has an answer already
  public record Asked(String client, Optional<String> session, List<Turn> turns, boolean underWay) {
    public Asked {
      turns = List.copyOf(turns);
    }
  }

  /// The model that is asked, and why.
  ///
  /// @param model its name
  /// @param arm who decided
  /// @param explored whether another model than the policy's was tried
  /// @param propensities probability of each candidate; those never chosen are absent
  public record Chosen(String model, Arm arm, boolean explored, Map<String, Double> propensities) {
    public Chosen {
      propensities = Map.copyOf(propensities);
    }
  }

  /// Chooses.
  ///
  /// @param forecasts of the candidates
  /// @param own the policy's choice among them
  public Chosen choose(List<ModelForecast> forecasts, String own, Asked asked) {
    boolean explores =
        config.exploration().share() > 0
            && !asked.underWay()
            && !config.notExplored().contains(asked.client());
    Map<String, Double> router =
        explores ? config.exploration().probabilities(forecasts, own) : Map.of(own, 1.0);
    Optional<String> other =
        defaultModel.filter(name -> forecasts.stream().anyMatch(f -> f.model().equals(name)));
    double share = other.isPresent() ? routerShare() : 1;
    Map<String, Double> propensities = new TreeMap<>();
    router.forEach((model, p) -> propensities.merge(model, share * p, Double::sum));
    other.ifPresent(model -> propensities.merge(model, 1 - share, Double::sum));
    propensities.values().removeIf(p -> p <= 0);
    if (share < 1 && (share == 0 || place(asked) >= share)) {
      return new Chosen(other.orElse(own), Arm.DEFAULT, false, propensities);
    }
    if (explores) {
      state.explored(Exploration.expectedLoss(forecasts, own, router));
    }
    String model = Exploration.draw(new TreeMap<>(router), random.getAsDouble());
    return new Chosen(model, Arm.ROUTER, !model.equals(own), propensities);
  }

  /// Part of the conversations that the router decides now.
  private double routerShare() {
    return switch (config.mode()) {
      case ON -> state.steppedBack() ? 0 : 1;
      case CANARY -> state.steppedBack() ? 0 : config.canaryShare();
      case DRY_RUN -> 0;
    };
  }

  /// Where a conversation is between 0 and 1: the same for all its requests.
  private static double place(Asked asked) {
    MessageDigest digest = Sha256.newDigest();
    digest.update(asked.client().getBytes(StandardCharsets.UTF_8));
    if (asked.session().isPresent()) {
      digest.update(asked.session().get().getBytes(StandardCharsets.UTF_8));
    } else {
      for (Turn turn : asked.turns()) {
        digest.update(turn.text().getBytes(StandardCharsets.UTF_8));
        if (turn.role().equals("user")) {
          break;
        }
      }
    }
    return (ByteBuffer.wrap(digest.digest()).getLong() >>> 11) * 0x1.0p-53;
  }
}
