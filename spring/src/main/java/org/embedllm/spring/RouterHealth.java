package org.embedllm.spring;

import org.embedllm.forecast.ForecastQuantity;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// UP with the number of models, the encoder and, where the pool learned from votes, `quantity`:
/// `preference`. A new file that could not be read shows as `problem`: the last version still
/// routes.
final class RouterHealth implements HealthIndicator {
  private final ReloadingRouter router;

  RouterHealth(ReloadingRouter router) {
    this.router = router;
  }

  @Override
  public Health health() {
    Health.Builder health =
        Health.up()
            .withDetail("models", router.models().size())
            .withDetail("encoder", router.encoder());
    if (router.quantity() == ForecastQuantity.PREFERENCE) {
      health.withDetail("quantity", ForecastQuantity.PREFERENCE.label());
    }
    router.problem().ifPresent(problem -> health.withDetail("problem", problem));
    return health.build();
  }
}
