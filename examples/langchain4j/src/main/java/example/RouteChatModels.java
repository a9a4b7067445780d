package example;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.router.RoutingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.langchain4j.EmbedLlmChatModelRouter;

/// Two chat models behind one `ChatModel` that routes.
///
/// Arguments: a model file, two models with the address of each (`NAME=http://host/v1`), prompts. For
/// models of Ollama the address is `http://127.0.0.1:11434/v1`, and NAME is the one in the model
/// file; with another name in Ollama, change `modelName` below.
public final class RouteChatModels {
  private RouteChatModels() {}

  public static void main(String[] arguments) throws IOException {
    try (EmbedLlmChatModelRouter router = EmbedLlmChatModelRouter.of(Path.of(arguments[0]))) {
      String[] first = arguments[1].split("=", 2);
      String[] second = arguments[2].split("=", 2);
      ChatModel model =
          RoutingChatModel.builder()
              .route(first[0], openAi(router, first[0], first[1]))
              .route(second[0], openAi(router, second[0], second[1]))
              .router(router)
              .defaultRoute(first[0])
              .build();
      for (int i = 3; i < arguments.length; i++) {
        System.out.println(model.chat(arguments[i]));
      }
    }
  }

  private static ChatModel openAi(EmbedLlmChatModelRouter router, String name, String address) {
    return OpenAiChatModel.builder()
        .baseUrl(address)
        .apiKey("none")
        .modelName(name)
        .listeners(
            List.of(
                router.listener(call ->
                    System.err.printf(
                        "%s: %s tokens in %s%n",
                        call.model(), call.outputTokens(), call.duration()))))
        .build();
  }
}
