package org.embedllm.spring;

import java.io.IOException;
import java.util.Optional;
import org.embedllm.client.EmbedLlm;
import org.embedllm.client.PromptRouter;
import org.embedllm.routing.ModelPrices;
import org.embedllm.routing.RoutingPolicies;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.storage.BadInputException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// A router where `embedllm.model` names a model file, with meters and health where the application
/// has them.
@AutoConfiguration(
    afterName = {
      "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
      "org.springframework.boot.actuate.autoconfigure.metrics.CompositeMeterRegistryAutoConfiguration"
    })
@ConditionalOnProperty("embedllm.model")
@EnableConfigurationProperties(EmbedLlmProperties.class)
public class EmbedLlmAutoConfiguration {
  @Bean
  @ConditionalOnMissingBean
  ReloadingRouter embedLlmRouter(
      EmbedLlmProperties properties, ObjectProvider<RouteObserver> observers) throws IOException {
    RoutingPolicy policy =
        RoutingPolicies.parse(properties.policy())
            .orElseThrow(() ->
                BadInputException.of(
                    "embedllm.policy: " + RoutingPolicies.problem(properties.policy())));
    Optional<ModelPrices> prices =
        properties.prices() == null
            ? Optional.empty()
            : Optional.of(ModelPrices.read(properties.prices()));
    Optional<String> defaultModel = Optional.ofNullable(properties.defaultModel());
    return new ReloadingRouter(
        properties.model(),
        file -> {
          PromptRouter router = router(EmbedLlm.open(file), policy, prices);
          defaultModel
              .filter(name -> !router.models().contains(name))
              .ifPresent(name -> {
                router.close();
                throw BadInputException.of(
                    "embedllm.default-model: %s does not know %s; it knows %s"
                        .formatted(file, name, router.models()));
              });
          return router;
        },
        defaultModel,
        properties.reloadInterval(),
        observers.orderedStream().toList());
  }

  private static PromptRouter router(
      EmbedLlm pool, RoutingPolicy policy, Optional<ModelPrices> prices) {
    return prices.map(p -> pool.router(policy, p)).orElseGet(() -> pool.router(policy));
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = "io.micrometer.core.instrument.MeterRegistry")
  static class Meters {
    @Bean
    @ConditionalOnBean(io.micrometer.core.instrument.MeterRegistry.class)
    RouteMeters embedLlmRouteMeters(io.micrometer.core.instrument.MeterRegistry registry) {
      return new RouteMeters(registry);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = "org.springframework.boot.health.contributor.HealthIndicator")
  static class HealthOfRouter {
    @Bean
    @ConditionalOnMissingBean(name = "embedLlmHealthIndicator")
    RouterHealth embedLlmHealthIndicator(ReloadingRouter router) {
      return new RouterHealth(router);
    }
  }
}
