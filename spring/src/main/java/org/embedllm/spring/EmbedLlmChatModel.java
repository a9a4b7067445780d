package org.embedllm.spring;

import java.util.Map;
import java.util.Objects;
import org.embedllm.routing.Route;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/// A chat model that sends each prompt to one of several. A failure of the chosen model is passed
/// on; no other is tried.
public final class EmbedLlmChatModel implements ChatModel {
  private final ReloadingRouter router;
  private final Map<String, ChatModel> models;

  /// @param models chat models by their names in the model file, at least one
  public EmbedLlmChatModel(ReloadingRouter router, Map<String, ChatModel> models) {
    this.router = router;
    this.models = Map.copyOf(models);
  }

  @Override
  public ChatResponse call(Prompt prompt) {
    ChatModel model = chosen(prompt);
    return model.call(with(model, prompt));
  }

  /// Encodes the prompt on a thread that may block.
  @Override
  public Flux<ChatResponse> stream(Prompt prompt) {
    return Flux.defer(
            () -> {
              ChatModel model = chosen(prompt);
              return model.stream(with(model, prompt));
            })
        .subscribeOn(Schedulers.boundedElastic());
  }

  /// Empty: each call has the options of its model, and over them those of the prompt.
  @Override
  public ChatOptions getOptions() {
    return ToolCallingChatOptions.builder().build();
  }

  private ChatModel chosen(Prompt prompt) {
    Route route =
        router.route(
            PromptText.of(prompt), models.keySet(), PromptText.attributes(prompt, Map.of()));
    return Objects.requireNonNull(models.get(route.model()));
  }

  /// A model reads options of its own class alone.
  private static Prompt with(ChatModel model, Prompt prompt) {
    ChatOptions own = model.getOptions();
    ChatOptions asked = prompt.getOptions();
    if (asked == null) {
      return new Prompt(prompt.getInstructions(), own);
    }
    return new Prompt(
        prompt.getInstructions(),
        own.mutate().combineWith(asked.mutate()).model(own.getModel()).build());
  }
}
