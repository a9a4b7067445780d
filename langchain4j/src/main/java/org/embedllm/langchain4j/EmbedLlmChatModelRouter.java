package org.embedllm.langchain4j;

import dev.langchain4j.exception.NonRetriableException;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.router.ChatModelRoute;
import dev.langchain4j.model.chat.router.ChatModelRouter;
import dev.langchain4j.model.chat.router.ChatModelRoutingRequest;
import dev.langchain4j.model.chat.router.ChatModelRoutingResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.embedllm.client.EmbedLlm;
import org.embedllm.client.PromptRouter;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.routing.Route;

/// A trained router for `RoutingChatModel` and `RoutingStreamingChatModel`. The routes have the
/// names of the model file's models.
///
/// ```java
/// try (EmbedLlmChatModelRouter router = EmbedLlmChatModelRouter.of(Path.of("pool.safetensors"))) {
///   ChatModel model = RoutingChatModel.builder()
///       .route("gpt-4o-mini", openAi)
///       .route("qwen2.5-7b", ollama)
///       .router(router)
///       .defaultRoute("gpt-4o-mini")
///       .build();
/// }
/// ```
///
/// It goes by the text of the last user message. A prompt that is unlike all training questions,
/// and a request without text, go to the default route. Give each model [#listener()]: then a
/// request that failed with a model is not routed to it again when it is repeated within a minute.
/// Safe for use by several threads.
public final class EmbedLlmChatModelRouter implements ChatModelRouter, AutoCloseable {
  private final PromptRouter router;
  private final FailedRoutes failed = new FailedRoutes(InstantSource.system());

  /// @param router closed with this object
  public EmbedLlmChatModelRouter(PromptRouter router) {
    this.router = router;
  }

  /// A router to the model most likely to be right or, where the pool learned from votes, most
  /// likely to be preferred: see [#quantity].
  ///
  /// @param model what `train` wrote
  /// @throws org.embedllm.storage.BadInputException when it is no model file or is damaged, or no
  ///   library has its encoder
  /// @throws IOException when the file cannot be read
  public static EmbedLlmChatModelRouter of(Path model) throws IOException {
    return new EmbedLlmChatModelRouter(EmbedLlm.open(model).router());
  }

  @Override
  public ChatModelRoutingResult route(ChatModelRoutingRequest request) {
    Set<String> left = failed.of(request.chatRequest().messages());
    List<String> candidates = new ArrayList<>();
    for (ChatModelRoute route : request.routes()) {
      if (!left.contains(route.name())) {
        candidates.add(route.name());
      }
    }
    if (candidates.isEmpty()) {
      throw new NonRetriableException("every model failed on this request: " + left);
    }
    String text = RequestText.of(request.chatRequest());
    if (text.isBlank() && left.isEmpty()) {
      return ChatModelRoutingResult.defaultRoute();
    }
    Route route = router.route(text, candidates, RequestText.attributes(request.chatRequest()));
    // The default route may be the one that failed.
    return route.abstained() && left.isEmpty()
        ? ChatModelRoutingResult.defaultRoute()
        : ChatModelRoutingResult.route(route.model());
  }

  /// Called when a routing model is built.
  ///
  /// @throws IllegalArgumentException when the model file does not know a route
  @Override
  public void validate(List<ChatModelRoute> routes) {
    List<String> unknown =
        routes.stream()
            .map(ChatModelRoute::name)
            .filter(n -> !router.models().contains(n))
            .toList();
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "the model file does not know the routes %s; it knows %s"
              .formatted(unknown, router.models()));
    }
  }

  /// A listener for each of the models, so that failures are not repeated.
  public ChatModelListener listener() {
    return listener(call -> {});
  }

  /// The same, which also reports every call of a routed model.
  public ChatModelListener listener(Consumer<ModelCall> calls) {
    return new RouteListener(failed, System::nanoTime, calls);
  }

  /// Takes in how well a model answered a prompt. Later routes go by it; the file stays as it is.
  ///
  /// @param score 1 for a right answer, 0 for a wrong one, or between
  /// @return whether it had an effect: see [EmbedLlm#learn]
  /// @throws org.embedllm.storage.BadInputException where the pool learned from votes, among others
  public boolean learn(String prompt, String model, double score) {
    return router.pool().learn(prompt, model, score);
  }

  /// Takes in a vote: which of two models answered a prompt better.
  ///
  /// @return whether it had an effect: see [EmbedLlm#learnVote]
  public boolean learnVote(String prompt, String better, String worse) {
    return router.pool().learnVote(prompt, better, worse);
  }

  /// What the router's probabilities are: of a right answer, or of being preferred.
  public ForecastQuantity quantity() {
    return router.quantity();
  }

  @Override
  public void close() {
    router.close();
  }
}
