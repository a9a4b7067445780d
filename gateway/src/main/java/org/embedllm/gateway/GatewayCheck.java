package org.embedllm.gateway;

import com.github.benmanes.caffeine.cache.Ticker;
import java.io.IOException;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.embedllm.gateway.access.Client;
import org.embedllm.gateway.api.StartupWarnings;
import org.embedllm.gateway.config.ConfigReader;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.config.RolloutConfig;
import org.embedllm.gateway.decide.Conversations;
import org.embedllm.gateway.decide.Decider;
import org.embedllm.gateway.decide.Decision;
import org.embedllm.gateway.decide.DecisionException;
import org.embedllm.gateway.decide.RequestContext;
import org.embedllm.gateway.decide.TrainedForecaster;
import org.embedllm.gateway.decide.Upstreams;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.rollout.Rollout;
import org.embedllm.gateway.rollout.RolloutState;
import org.embedllm.gateway.upstream.Upstream;
import org.embedllm.gateway.upstream.UpstreamClient;
import tools.jackson.databind.node.ObjectNode;

/// Verifies a configuration before it is used: reads it with its model, reaches every upstream
/// once, and shows who would get some prompts. No model is asked.
public final class GatewayCheck {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final List<String> PROMPTS =
      List.of(
          "What is 17 * 23?",
          "Write a short poem about autumn.",
          "Explain how a hash table handles collisions.");

  private GatewayCheck() {}

  /// @param line gets what was found, line by line
  /// @return whether every upstream can be reached
  /// @throws org.embedllm.storage.BadInputException where model or configuration cannot be used
  public static boolean run(GatewayProcess.Options options, Consumer<String> line)
      throws IOException {
    GatewayConfig config = new ConfigReader(options.environment()).read(options.config());
    line.accept("configuration: " + options.config() + " can be used");
    List<Upstream> upstreams = config.upstreams().stream().map(Upstream::new).toList();
    boolean reached = reach(upstreams, line);
    try (TrainedForecaster forecaster =
        Service.forecaster(
            options.model(), options.encoder(), options.environment(), config.limits())) {
      StartupWarnings.of(config, forecaster, options.model().toString())
          .forEach(warning -> line.accept("warning: " + warning));
      var decider =
          new Decider(
              config,
              new Upstreams(upstreams),
              forecaster,
              new Conversations(config.conversations(), Ticker.systemTicker()),
              Optional.empty(),
              new Rollout(
                  RolloutConfig.DEFAULT,
                  Optional.empty(),
                  new RolloutState(Clock.systemUTC()),
                  () -> 0),
              () -> "d-check");
      PROMPTS.forEach(prompt -> line.accept(decided(decider, prompt)));
    }
    return reached;
  }

  private static boolean reach(List<Upstream> upstreams, Consumer<String> line) {
    var missing = new ArrayList<String>();
    try (var client = new UpstreamClient(SSLContext.getDefault(), Clock.systemUTC())) {
      for (Upstream upstream : upstreams) {
        int status = client.probe(upstream, PATIENCE);
        boolean well = status > 0 && (status < 400 || status == 405);
        line.accept(
            "upstream: %s %s"
                .formatted(
                    upstream.label(), status == 0 ? "cannot be reached" : "answers " + status));
        if (!well) {
          missing.add(upstream.label());
        }
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has a default of TLS", e);
    }
    return missing.isEmpty();
  }

  private static String decided(Decider decider, String prompt) {
    ObjectNode body = ChatJson.mapper().createObjectNode();
    body.putArray("messages").addObject().put("role", "user").put("content", prompt);
    try {
      Decision decision =
          decider.decide(
              RequestBody.parse(ChatJson.bytes(body)),
              RequestContext.of(new Client(Optional.empty())));
      return String.format(
          Locale.ROOT,
          "prompt: \"%s\" would go to %s (%.1f %%: %s)",
          prompt,
          decision.model(),
          100 * decision.chosen().probability(),
          decision.reason());
    } catch (DecisionException e) {
      return "prompt: \"" + prompt + "\" would go to nobody: " + e.message();
    }
  }
}
