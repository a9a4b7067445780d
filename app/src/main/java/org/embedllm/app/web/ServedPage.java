package org.embedllm.app.web;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.app.web.view.ViewAnswer;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.gateway.access.Client;
import org.embedllm.gateway.api.GatewayView;
import org.embedllm.gateway.api.WebRoutes;
import org.embedllm.gateway.config.ListenConfig;
import org.embedllm.gateway.config.PageConfig;
import org.embedllm.gateway.config.UpstreamConfig;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.routing.ModelPrices;
import org.embedllm.storage.UserCache;

/// The page of a gateway: it shows the gateway's model, routes prompts as the gateway would, and
/// follows its decisions. It reads the model on first use.
public final class ServedPage implements WebRoutes {
  private final Path model;
  private final Map<String, String> environment;

  /// @param model the gateway's model file
  /// @param environment for the folder that keeps trainings
  public ServedPage(Path model, Map<String, String> environment) {
    this.model = model;
    this.environment = Map.copyOf(environment);
  }

  @Override
  public void addTo(HttpRouting.Builder routing, GatewayView gateway) {
    PageConfig page = gateway.with(live -> live.config().page());
    if (!page.shown()) {
      return;
    }
    ListenConfig listen = gateway.with(live -> live.config().listen());
    PageModels models = new PageModels(model, () -> prices(gateway), () -> page(page, gateway));
    Access access =
        new Access(
            listen.host(),
            listen.loopback(),
            listen.tls().isPresent(),
            request -> key(gateway, request));
    new PageRoutes(
            new PageApi(models), access, StaticFiles.read(), Optional.of(new LiveRoutes(gateway)))
        .addTo(routing);
  }

  private static Access.Key key(GatewayView gateway, ServerRequest request) {
    try {
      Client client = gateway.authenticate(request);
      boolean restricted = client.key().map(key -> !key.models().isEmpty()).orElse(false);
      return new Access.Key(client.name(), restricted);
    } catch (ApiException e) {
      throw new PageException(e.error().status(), e.error().message(), "");
    }
  }

  private PageModel page(PageConfig page, GatewayView gateway) throws IOException {
    ModelArtifact artifact = ModelArtifact.open(model);
    Map<String, ModelPrices.Price> prices = prices(gateway);
    ModelSpace space =
        new ModelSpace(
            model,
            artifact,
            TrainingQuestions.beside(model, artifact),
            prices.isEmpty() ? ModelPrices.ofCalls(artifact.callCosts()) : new ModelPrices(prices));
    return new PageModel(
        space,
        new PageModel.Context(
            page.dataset(),
            UserCache.folder(environment),
            Optional.of(new GatewayRouter(gateway)),
            new ViewAnswer.Unavailable("", ""),
            true));
  }

  /// The configured upstreams; of several with one model, the first.
  private static Map<String, ModelPrices.Price> prices(GatewayView gateway) {
    List<UpstreamConfig> upstreams = gateway.with(live -> live.config().upstreams());
    Map<String, ModelPrices.Price> prices = new HashMap<>();
    for (UpstreamConfig upstream : upstreams) {
      upstream
          .price()
          .ifPresent(p ->
              prices.putIfAbsent(
                  upstream.model(), new ModelPrices.Price(p.input(), p.output(), p.call())));
    }
    return prices;
  }
}
