package org.embedllm.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.embedllm.client.SmallPool;
import org.embedllm.client.StubModel;
import org.embedllm.correctness.AttributeValue;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("training")
class EmbedLlmAutoConfigurationTest {
  private static final String ACCOUNTANT = "accountant";
  private static final String ORNITHOLOGIST = "ornithologist";

  @TempDir private static Path folder;
  private static Path trained = Path.of("");
  private StubModel accountant;
  private StubModel ornithologist;

  @BeforeAll
  static void train() throws IOException {
    trained = SmallPool.trained(folder);
  }

  @BeforeEach
  void start() throws IOException {
    accountant = new StubModel(ACCOUNTANT);
    ornithologist = new StubModel(ORNITHOLOGIST);
  }

  @AfterEach
  void stop() {
    accountant.close();
    ornithologist.close();
  }

  @Test
  void context_withoutAModelFile_hasNoBeans() {
    runner()
        .run(context ->
            assertThat(context)
                .doesNotHaveBean(ReloadingRouter.class)
                .doesNotHaveBean(EmbedLlmAdvisor.class));
  }

  @Test
  void context_modelFile_hasARouterWithHealthAndMeters() {
    runner()
        .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
        .withPropertyValues("embedllm.model=" + trained)
        .run(context -> {
          ReloadingRouter router = context.getBean(ReloadingRouter.class);
          assertThat(router.route(SmallPool.SUM).model()).isEqualTo(ACCOUNTANT);
          assertThat(router.route(SmallPool.BIRD).model()).isEqualTo(ORNITHOLOGIST);
          assertThat(router.route(SmallPool.CODE).abstained()).isTrue();
          var health =
              Objects.requireNonNull(
                  context.getBean("embedLlmHealthIndicator", HealthIndicator.class).health());
          assertThat(health.getStatus()).isEqualTo(Status.UP);
          assertThat(health.getDetails())
              .containsEntry("models", 2)
              .doesNotContainKeys("problem", "quantity");
          MeterRegistry meters = context.getBean(MeterRegistry.class);
          assertThat(meters.get("embedllm.route").timer().count()).isEqualTo(3);
          assertThat(
                  meters.get("embedllm.route.chosen").tag("model", ORNITHOLOGIST).counter().count())
              .isGreaterThanOrEqualTo(1);
          assertThat(meters.get("embedllm.route.abstained").counter().count()).isEqualTo(1);
          assertThat(context).doesNotHaveBean(EmbedLlmAdvisor.class);
          assertThat(context).doesNotHaveBean(EmbedLlmChatModel.class);
        });
  }

  @Test
  void context_modelFileFromVotes_saysThatProbabilitiesAreOfPreference() throws IOException {
    Path voted = SmallPool.voted(folder);
    runner()
        .withBean(ChatModel.class, () -> openAi(accountant, "any"))
        .withPropertyValues("embedllm.model=" + voted, "embedllm.mode=advisor")
        .run(context -> {
          ReloadingRouter router = context.getBean(ReloadingRouter.class);
          assertThat(router.quantity()).isEqualTo(ForecastQuantity.PREFERENCE);
          assertThat(router.learnVote(SmallPool.SUM, ORNITHOLOGIST, ACCOUNTANT)).isTrue();
          var health =
              Objects.requireNonNull(
                  context.getBean("embedLlmHealthIndicator", HealthIndicator.class).health());
          assertThat(health.getDetails()).containsEntry("quantity", "preference");
          var response =
              ChatClient.builder(context.getBean(ChatModel.class))
                  .defaultAdvisors(context.getBean(EmbedLlmAdvisor.class))
                  .build()
                  .prompt(SmallPool.BIRD)
                  .call()
                  .chatClientResponse();
          assertThat(response.context())
              .containsEntry(EmbedLlmAdvisor.QUANTITY, ForecastQuantity.PREFERENCE);
        });
  }

  @Test
  void context_defaultModel_getsPromptsUnlikeTraining() {
    for (String model : List.of(ACCOUNTANT, ORNITHOLOGIST)) {
      runner()
          .withPropertyValues("embedllm.model=" + trained, "embedllm.default-model=" + model)
          .run(context -> {
            var route = context.getBean(ReloadingRouter.class).route(SmallPool.CODE);
            assertThat(route.model()).isEqualTo(model);
            assertThat(route.ranking().getFirst().model()).isEqualTo(model);
            assertThat(route.abstained()).isTrue();
          });
    }
  }

  @Test
  void context_wrongSettings_areRefusedByName() {
    Map.of(
            "embedllm.policy=chepest@0.8",
            "cheapest@P",
            "embedllm.default-model=poet",
            "poet",
            "embedllm.model=" + folder.resolve("answers.csv"),
            "answers.csv")
        .forEach((property, text) ->
            runner()
                .withPropertyValues("embedllm.model=" + trained, property)
                .run(context -> {
                  assertThat(context).hasFailed();
                  assertThat(context.getStartupFailure())
                      .rootCause()
                      .isInstanceOf(BadInputException.class)
                      .hasMessageContaining(text);
                }));
  }

  @Test
  void failureAnalysis_badInput_isOneMessage() {
    var analysis =
        Objects.requireNonNull(
            new BadInputFailureAnalyzer().analyze(BadInputException.of("x is no model file")));
    assertThat(analysis.getDescription()).contains("x is no model file");
  }

  @Test
  void reload_newFile_isTakenUpAndABadOneIsNot() throws IOException {
    Path file = folder.resolve("reloaded.safetensors");
    Files.copy(trained, file);
    runner()
        .withPropertyValues("embedllm.model=" + file, "embedllm.reload-interval=0s")
        .run(context -> {
          ReloadingRouter router = context.getBean(ReloadingRouter.class);
          Files.writeString(file, "no model file");
          router.reload();
          assertThat(router.problem()).isPresent();
          assertThat(router.route(SmallPool.SUM).model()).isEqualTo(ACCOUNTANT);
          for (int i = 0; i < 60; i++) {
            router.learn("What is %d + %d?".formatted(20 + i, 31 + i), ACCOUNTANT, 0);
            router.learn("What is %d + %d?".formatted(20 + i, 31 + i), ORNITHOLOGIST, 1);
          }
          assertThat(router.route(SmallPool.SUM).model()).isEqualTo(ORNITHOLOGIST);
          Files.copy(trained, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
          Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));
          router.reload();
          assertThat(router.problem()).isEmpty();
          assertThat(router.route(SmallPool.SUM).model()).isEqualTo(ACCOUNTANT);
        });
  }

  @Test
  void advisor_callAndStream_nameTheModelAtOneEndpoint() {
    runner()
        .withBean(ChatModel.class, () -> openAi(accountant, "any"))
        .withPropertyValues("embedllm.model=" + trained, "embedllm.mode=advisor")
        .run(context -> {
          var advisor = context.getBean(EmbedLlmAdvisor.class);
          ChatClient client =
              ChatClient.builder(context.getBean(ChatModel.class)).defaultAdvisors(advisor).build();
          var response =
              client
                  .prompt(SmallPool.BIRD)
                  .options(OpenAiChatOptions.builder().temperature(0.25))
                  .call()
                  .chatClientResponse();
          assertThat(response.context())
              .containsKey(EmbedLlmAdvisor.ROUTE)
              .containsEntry(EmbedLlmAdvisor.QUANTITY, ForecastQuantity.CORRECTNESS);
          JsonNode asked = lastBody(accountant);
          assertThat(asked.path("model").asString()).isEqualTo("ornithologist");
          assertThat(asked.path("temperature").asDouble()).isEqualTo(0.25);
          client.prompt(SmallPool.SUM).stream().content().collectList().block();
          assertThat(lastBody(accountant).path("model").asString()).isEqualTo("accountant");
        });
  }

  private static JsonNode lastBody(StubModel model) {
    return new JsonMapper().readTree(model.bodies().getLast());
  }

  @Test
  void chatModel_beansNamedLikeModels_getTheirPrompts() {
    runner()
        .withBean(ACCOUNTANT, ChatModel.class, () -> openAi(accountant, "small"))
        .withBean("birds", ChatModel.class, () -> openAi(ornithologist, ORNITHOLOGIST))
        .withPropertyValues("embedllm.model=" + trained, "embedllm.mode=chat-model")
        .run(context -> {
          ChatClient client = ChatClient.builder(context.getBean(EmbedLlmChatModel.class)).build();
          assertThat(client.prompt(SmallPool.SUM).call().content()).isEqualTo(ACCOUNTANT);
          assertThat(client.prompt(SmallPool.BIRD).call().content()).isEqualTo(ORNITHOLOGIST);
          assertThat(client.prompt(SmallPool.SUM).stream().content().collectList().block())
              .containsExactly(ACCOUNTANT);
          assertThat(lastBody(accountant).path("model").asString()).isEqualTo("small");
        });
  }

  @Test
  void chatModel_models_sayWhichBeanIsWhich() {
    runner()
        .withBean("first", ChatModel.class, () -> openAi(accountant, "x"))
        .withBean("second", ChatModel.class, () -> openAi(ornithologist, "y"))
        .withPropertyValues(
            "embedllm.model=" + trained,
            "embedllm.mode=chat-model",
            "embedllm.models[accountant]=second",
            "embedllm.models[ornithologist]=first")
        .run(context ->
            assertThat(context.getBean(EmbedLlmChatModel.class).call(SmallPool.SUM))
                .isEqualTo(ORNITHOLOGIST));
  }

  @Test
  void chatModel_noBeanOfAModel_isRefused() {
    runner()
        .withBean("first", ChatModel.class, () -> openAi(accountant, "x"))
        .withPropertyValues("embedllm.model=" + trained, "embedllm.mode=chat-model")
        .run(context ->
            assertThat(context.getStartupFailure())
                .rootCause()
                .hasMessageContaining("embedllm.models[NAME]=BEAN"));
  }

  @Test
  void text_conversation_isTheLastUserMessageAndItsAttributes() {
    var prompt =
        new Prompt(
            List.of(
                new SystemMessage("Be brief."),
                new UserMessage("one"),
                new AssistantMessage("two"),
                new UserMessage("three")));
    assertThat(PromptText.of(prompt)).isEqualTo("three");
    var known = PromptText.attributes(prompt, Map.of("embedllm.language", "de", "other", 1));
    assertThat(known.names()).containsExactly("language", "system_prompt");
    assertThat(known.get("system_prompt")).hasValue(new AttributeValue.Text("yes"));
  }

  private static ApplicationContextRunner runner() {
    return new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                EmbedLlmAutoConfiguration.class, EmbedLlmChatAutoConfiguration.class));
  }

  private static ChatModel openAi(StubModel stub, String model) {
    return OpenAiChatModel.builder()
        .options(
            OpenAiChatOptions.builder()
                .baseUrl(stub.url())
                .apiKey("none")
                .model(model)
                .maxRetries(0)
                .build())
        .build();
  }
}
