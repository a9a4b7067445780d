package org.embedllm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.NonRetriableException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.router.RoutingChatModel;
import dev.langchain4j.model.chat.router.RoutingStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.embedllm.client.EmbedLlm;
import org.embedllm.client.SmallPool;
import org.embedllm.client.StubModel;
import org.embedllm.correctness.AttributeValue;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("training")
class EmbedLlmChatModelRouterTest {
  private static final String ACCOUNTANT = "accountant";
  private static final String ORNITHOLOGIST = "ornithologist";

  @TempDir private static Path folder;
  private static Path file = Path.of("");
  private final List<ModelCall> calls = new CopyOnWriteArrayList<>();
  private StubModel accountant;
  private StubModel ornithologist;
  private EmbedLlmChatModelRouter router;

  @BeforeAll
  static void train() throws IOException {
    file = SmallPool.trained(folder);
  }

  @BeforeEach
  void open() throws IOException {
    accountant = new StubModel(ACCOUNTANT);
    ornithologist = new StubModel(ORNITHOLOGIST);
    router = EmbedLlmChatModelRouter.of(file);
  }

  @AfterEach
  void close() {
    accountant.close();
    ornithologist.close();
    router.close();
  }

  @AfterAll
  static void forget() {
    file = Path.of("");
  }

  @Test
  void chat_promptOfASkill_goesToItsSpecialist() {
    ChatModel model = model(ORNITHOLOGIST);
    assertThat(model.chat(SmallPool.SUM)).isEqualTo(ACCOUNTANT);
    assertThat(model.chat(SmallPool.BIRD)).isEqualTo(ORNITHOLOGIST);
    ChatResponse response = model.chat(UserMessage.from(SmallPool.SUM));
    assertThat(response.aiMessage().attributes())
        .containsEntry(RoutingChatModel.ROUTE_ATTRIBUTE, ACCOUNTANT);
  }

  @Test
  void stream_promptOfASkill_goesToItsSpecialist() {
    StreamingChatModel model =
        RoutingStreamingChatModel.builder()
            .route(ACCOUNTANT, streaming(accountant))
            .route(ORNITHOLOGIST, streaming(ornithologist))
            .router(router)
            .defaultRoute(ORNITHOLOGIST)
            .build();
    assertThat(streamed(model, SmallPool.SUM)).isEqualTo(ACCOUNTANT);
    assertThat(streamed(model, SmallPool.BIRD)).isEqualTo(ORNITHOLOGIST);
    assertThat(calls).extracting(ModelCall::model).containsExactly(ACCOUNTANT, ORNITHOLOGIST);
  }

  @Test
  void chat_promptUnlikeTraining_goesToTheDefaultRoute() throws IOException {
    try (EmbedLlm pool = EmbedLlm.open(file)) {
      assertThat(pool.forecast(SmallPool.CODE).abstain()).isTrue();
    }
    assertThat(model(ORNITHOLOGIST).chat(SmallPool.CODE)).isEqualTo(ORNITHOLOGIST);
    assertThat(model(ACCOUNTANT).chat(SmallPool.CODE)).isEqualTo(ACCOUNTANT);
  }

  @Test
  void chat_laterTurns_goByTheLastUserMessage() {
    ChatResponse response =
        model(ORNITHOLOGIST)
            .chat(
                SystemMessage.from(SmallPool.BIRD),
                UserMessage.from(SmallPool.BIRD),
                dev.langchain4j.data.message.AiMessage.from("a robin"),
                UserMessage.from(SmallPool.SUM));
    assertThat(response.aiMessage().text()).isEqualTo(ACCOUNTANT);
    assertThat(accountant.bodies().getLast()).contains("a robin");
  }

  @Test
  void chat_failedModel_isCalledOnceAndTheRepetitionGoesToAnother() {
    ChatModel model = model(ACCOUNTANT);
    accountant.failWith(500);
    assertThatThrownBy(() -> model.chat(SmallPool.SUM)).hasMessageContaining("broken");
    assertThat(accountant.bodies()).hasSize(1);
    assertThat(model.chat(SmallPool.SUM)).isEqualTo(ORNITHOLOGIST);
    assertThat(accountant.bodies()).hasSize(1);
  }

  @Test
  void chat_everyModelFailed_isRefusedWithoutACall() {
    ChatModel model = model(ACCOUNTANT);
    accountant.failWith(500);
    ornithologist.failWith(400);
    assertThatThrownBy(() -> model.chat(SmallPool.SUM)).hasMessageContaining("broken");
    assertThatThrownBy(() -> model.chat(SmallPool.SUM)).hasMessageContaining("broken");
    assertThatThrownBy(() -> model.chat(SmallPool.SUM))
        .isInstanceOf(NonRetriableException.class)
        .hasMessageContaining("every model failed");
    assertThat(accountant.bodies()).hasSize(1);
    assertThat(ornithologist.bodies()).hasSize(1);
  }

  @Test
  void chat_otherRequest_goesToAModelThatFailedBefore() {
    ChatModel model = model(ACCOUNTANT);
    accountant.failWith(500);
    assertThatThrownBy(() -> model.chat(SmallPool.SUM)).hasMessageContaining("broken");
    accountant.failWith(200);
    assertThat(model.chat("What is 18 + 26?")).isEqualTo(ACCOUNTANT);
  }

  @Test
  void build_routeThatIsNoModel_isRefused() {
    assertThatThrownBy(() ->
            RoutingChatModel.builder()
                .route("poet", chat(accountant))
                .router(router)
                .defaultRoute("poet")
                .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("poet")
        .hasMessageContaining(ACCOUNTANT);
  }

  @Test
  void listener_calls_reportTokensTimeAndErrors() {
    ChatModel model = model(ACCOUNTANT);
    model.chat(SmallPool.SUM);
    ornithologist.failWith(500);
    assertThatThrownBy(() -> model.chat(SmallPool.BIRD)).hasMessageContaining("broken");
    ModelCall first = calls.getFirst();
    assertThat(first.model()).isEqualTo(ACCOUNTANT);
    assertThat(first.prompt()).isEqualTo(SmallPool.SUM);
    assertThat(first.inputTokens()).hasValue(11);
    assertThat(first.outputTokens()).hasValue(2);
    assertThat(first.duration()).isPositive();
    assertThat(first.failed()).isFalse();
    ModelCall second = calls.getLast();
    assertThat(second.model()).isEqualTo(ORNITHOLOGIST);
    assertThat(second.failed()).isTrue();
    assertThat(second.outputTokens()).isEmpty();
  }

  @Test
  void learn_wrongAnswers_changeTheRoute() {
    ChatModel model = model(ORNITHOLOGIST);
    for (int i = 0; i < 60; i++) {
      assertThat(router.learn("What is %d + %d?".formatted(20 + i, 31 + i), ACCOUNTANT, 0))
          .isTrue();
      router.learn("What is %d + %d?".formatted(20 + i, 31 + i), ORNITHOLOGIST, 1);
    }
    assertThat(model.chat(SmallPool.SUM)).isEqualTo(ORNITHOLOGIST);
  }

  @Test
  void chat_manyThreads_giveTheSameRoutes() {
    ChatModel model = model(ORNITHOLOGIST);
    List<String> answers =
        IntStream.range(0, 32)
            .parallel()
            .mapToObj(i -> model.chat(i % 2 == 0 ? SmallPool.SUM : SmallPool.BIRD))
            .toList();
    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i)).isEqualTo(i % 2 == 0 ? ACCOUNTANT : ORNITHOLOGIST);
    }
  }

  @Test
  void of_noModelFile_isRefusedWithTheFile() {
    assertThatThrownBy(() -> EmbedLlmChatModelRouter.of(folder.resolve("answers.csv")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("answers.csv");
  }

  @Test
  void attributes_requestWithToolsJsonAndSystemPrompt_areKnown() {
    List<ChatMessage> messages =
        List.of(
            SystemMessage.from("Be brief."),
            UserMessage.builder()
                .addContent(dev.langchain4j.data.message.TextContent.from("Hi"))
                .attributes(Map.of("embedllm.language", "de", "other", "x"))
                .build());
    ChatRequest request =
        ChatRequest.builder()
            .messages(messages)
            .toolSpecifications(ToolSpecification.builder().name("clock").build())
            .responseFormat(ResponseFormat.JSON)
            .build();
    var known = RequestText.attributes(request);
    assertThat(known.names()).containsExactly("json", "language", "system_prompt", "tools");
    assertThat(known.get("tools")).hasValue(new AttributeValue.Numeric(1));
    assertThat(known.get("json")).hasValue(new AttributeValue.Text("yes"));
    assertThat(known.get("system_prompt")).hasValue(new AttributeValue.Text("yes"));
    assertThat(known.get("language")).hasValue(new AttributeValue.Text("de"));
  }

  @Test
  void quantity_poolFromVotes_isPreferenceAndTakesVotesAlone() throws IOException {
    assertThat(router.quantity()).isEqualTo(ForecastQuantity.CORRECTNESS);
    try (var voted = EmbedLlmChatModelRouter.of(SmallPool.voted(folder))) {
      assertThat(voted.quantity()).isEqualTo(ForecastQuantity.PREFERENCE);
      assertThat(voted.learnVote(SmallPool.SUM, ORNITHOLOGIST, ACCOUNTANT)).isTrue();
      assertThatThrownBy(() -> voted.learn(SmallPool.SUM, ORNITHOLOGIST, 1))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("votes");
    }
  }

  @Test
  void embedAll_texts_areTheEncodersVectors() throws IOException {
    try (EmbedLlm pool = EmbedLlm.open(file)) {
      var model = new EmbedLlmEmbeddingModel(pool.encoder());
      assertThat(model.dimension()).isEqualTo(pool.encoder().identity().dimension());
      assertThat(model.embed(SmallPool.SUM).content().vector())
          .isEqualTo(pool.encoder().encode(List.of(SmallPool.SUM)).row(0));
      assertThat(model.modelName()).contains("text-features");
    }
  }

  private ChatModel model(String defaultRoute) {
    return RoutingChatModel.builder()
        .route(ACCOUNTANT, chat(accountant))
        .route(ORNITHOLOGIST, chat(ornithologist))
        .router(router)
        .defaultRoute(defaultRoute)
        .build();
  }

  private ChatModel chat(StubModel stub) {
    return OpenAiChatModel.builder()
        .baseUrl(stub.url())
        .apiKey("none")
        .modelName("m")
        .maxRetries(0)
        .listeners(List.of(router.listener(calls::add)))
        .build();
  }

  private StreamingChatModel streaming(StubModel stub) {
    return OpenAiStreamingChatModel.builder()
        .baseUrl(stub.url())
        .apiKey("none")
        .modelName("m")
        .listeners(List.of(router.listener(calls::add)))
        .build();
  }

  private static String streamed(StreamingChatModel model, String prompt) {
    var answer = new CompletableFuture<String>();
    model.chat(
        prompt,
        new StreamingChatResponseHandler() {
          @Override
          public void onCompleteResponse(ChatResponse response) {
            answer.complete(response.aiMessage().text());
          }

          @Override
          public void onError(Throwable error) {
            answer.completeExceptionally(error);
          }
        });
    return answer.join();
  }
}
