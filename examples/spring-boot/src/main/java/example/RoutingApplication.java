package example;

import org.embedllm.spring.EmbedLlmChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// `GET /ask?prompt=…` asks the model that will most likely be right. The beans have the names of the
/// model file's models; `application.properties` says where their servers are.
@SpringBootApplication
@RestController
public class RoutingApplication {
  private final ChatClient client;

  public RoutingApplication(EmbedLlmChatModel model) {
    this.client = ChatClient.builder(model).build();
  }

  public static void main(String[] arguments) {
    SpringApplication.run(RoutingApplication.class, arguments);
  }

  @GetMapping("/ask")
  String ask(@RequestParam String prompt) {
    return client.prompt(prompt).call().content();
  }

  /// The chat models; in a class of their own, since the controller needs them.
  @org.springframework.context.annotation.Configuration
  static class Models {
    @Bean
    ChatModel accountant(@Value("${accountant.url}") String url) {
      return openAi(url, "accountant");
    }

    @Bean
    ChatModel ornithologist(@Value("${ornithologist.url}") String url) {
      return openAi(url, "ornithologist");
    }

    private static ChatModel openAi(String url, String name) {
      return OpenAiChatModel.builder()
          .options(OpenAiChatOptions.builder().baseUrl(url).apiKey("none").model(name).build())
          .build();
    }
  }
}
