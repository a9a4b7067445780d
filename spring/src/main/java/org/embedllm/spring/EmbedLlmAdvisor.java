package org.embedllm.spring;

import org.embedllm.routing.Route;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.client.advisor.api.CallAdvisor;
import org.springframework.ai.chat.client.advisor.api.CallAdvisorChain;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisor;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisorChain;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.core.Ordered;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/// Names the model of each request, for applications whose models all stand behind one endpoint. It
/// runs near the end of the chain, so that it sees what other advisors added.
public final class EmbedLlmAdvisor implements CallAdvisor, StreamAdvisor {
  /// Key of the [Route] in the context of request and response.
  public static final String ROUTE = "embedllm.route";

  /// Key of what the probabilities of the [Route] are, an [org.embedllm.forecast.ForecastQuantity].
  public static final String QUANTITY = "embedllm.quantity";

  private final ReloadingRouter router;

  public EmbedLlmAdvisor(ReloadingRouter router) {
    this.router = router;
  }

  @Override
  public ChatClientResponse adviseCall(ChatClientRequest request, CallAdvisorChain chain) {
    return chain.nextCall(routed(request));
  }

  /// Encodes the prompt on a thread that may block.
  @Override
  public Flux<ChatClientResponse> adviseStream(
      ChatClientRequest request, StreamAdvisorChain chain) {
    return Flux.defer(() -> chain.nextStream(routed(request)))
        .subscribeOn(Schedulers.boundedElastic());
  }

  private ChatClientRequest routed(ChatClientRequest request) {
    Prompt prompt = request.prompt();
    Route route =
        router.route(
            PromptText.of(prompt),
            router.models(),
            PromptText.attributes(prompt, request.context()));
    ChatOptions options = prompt.getOptions();
    ChatOptions.Builder<?> builder = options == null ? ChatOptions.builder() : options.mutate();
    return request
        .mutate()
        .prompt(new Prompt(prompt.getInstructions(), builder.model(route.model()).build()))
        .context(ROUTE, route)
        .context(QUANTITY, router.quantity())
        .build();
  }

  @Override
  public String getName() {
    return "embedllm";
  }

  @Override
  public int getOrder() {
    return Ordered.LOWEST_PRECEDENCE - 1000;
  }
}
