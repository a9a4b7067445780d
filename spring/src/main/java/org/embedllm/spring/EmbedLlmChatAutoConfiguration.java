package org.embedllm.spring;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.storage.BadInputException;
import org.springframework.ai.chat.client.ChatClientBuilderCustomizer;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/// Routes of Spring AI: an advisor or a chat model, as `embedllm.mode` says.
@AutoConfiguration(after = EmbedLlmAutoConfiguration.class)
@ConditionalOnClass(
    name = {
      "org.springframework.ai.chat.client.ChatClientBuilderCustomizer",
      "org.springframework.ai.chat.client.advisor.api.CallAdvisor"
    })
@ConditionalOnProperty("embedllm.model")
public class EmbedLlmChatAutoConfiguration {
  private static final String CHAT_MODEL = "embedLlmChatModel";

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnProperty(name = "embedllm.mode", havingValue = "advisor")
  EmbedLlmAdvisor embedLlmAdvisor(ReloadingRouter router) {
    return new EmbedLlmAdvisor(router);
  }

  @Bean
  @ConditionalOnProperty(name = "embedllm.advise-all", havingValue = "true")
  ChatClientBuilderCustomizer embedLlmChatClientCustomizer(EmbedLlmAdvisor advisor) {
    return builder -> builder.defaultAdvisors(advisor);
  }

  /// Not the primary one: name it where it is injected.
  @Bean(CHAT_MODEL)
  @ConditionalOnMissingBean(EmbedLlmChatModel.class)
  @ConditionalOnProperty(name = "embedllm.mode", havingValue = "chat-model")
  EmbedLlmChatModel embedLlmChatModel(
      ReloadingRouter router, EmbedLlmProperties properties, ListableBeanFactory beans) {
    Map<String, ChatModel> models =
        properties.models().isEmpty()
            ? found(router.models(), beans)
            : named(router.models(), properties.models(), beans);
    return new EmbedLlmChatModel(router, models);
  }

  private static Map<String, ChatModel> named(
      List<String> known, Map<String, String> names, ListableBeanFactory beans) {
    Map<String, ChatModel> models = new LinkedHashMap<>();
    names.forEach((model, bean) -> {
      if (!known.contains(model)) {
        throw BadInputException.of(
            "embedllm.models: the model file does not know %s; it knows %s"
                .formatted(model, known));
      }
      models.put(model, beans.getBean(bean, ChatModel.class));
    });
    return models;
  }

  private static Map<String, ChatModel> found(List<String> known, ListableBeanFactory beans) {
    Map<String, ChatModel> models = new LinkedHashMap<>();
    for (String name : beans.getBeanNamesForType(ChatModel.class)) {
      if (name.equals(CHAT_MODEL)) {
        continue;
      }
      ChatModel bean = beans.getBean(name, ChatModel.class);
      String option = bean.getOptions().getModel();
      if (known.contains(name)) {
        models.put(name, bean);
      } else if (option != null && known.contains(option)) {
        models.put(option, bean);
      }
    }
    if (models.isEmpty()) {
      throw BadInputException.of(
          "no ChatModel bean has the name or the option of a model in the file: say which is which with embedllm.models[NAME]=BEAN; the file knows %s"
              .formatted(known));
    }
    return models;
  }
}
