package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.embedllm.gateway.StubUpstream.Mood;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The clients people use, unchanged but for their base URL.
@Tag("server")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenAiClientsTest {
  private StubUpstream a;
  private StubUpstream b;
  private StubUpstream cut;
  private GatewayFixture gateway;

  @BeforeAll
  void open(@TempDir Path folder) throws IOException {
    a = new StubUpstream("a");
    b = new StubUpstream("b");
    cut = new StubUpstream("cut").mood(Mood.CUT_AFTER_TWO);
    gateway =
        new GatewayFixture(
            new FakeForecaster().with("a", 0.9).with("b", 0.6).onWord("poem", "b", 0.97),
            folder,
            GatewayFixture.upstreams(Map.of("a", a, "b", b, "cut", cut)));
  }

  @AfterAll
  void close() {
    gateway.close();
    a.close();
    b.close();
    cut.close();
  }

  @BeforeEach
  void well() {
    a.mood(Mood.WELL);
    b.mood(Mood.WELL);
  }

  private OpenAiChatModel.OpenAiChatModelBuilder langChain(String model) {
    return OpenAiChatModel.builder()
        .baseUrl(gateway.url() + "/v1")
        .apiKey("any")
        .modelName(model)
        .maxRetries(0)
        .timeout(Duration.ofMinutes(1));
  }

  @Test
  void langChain4j_chat_isRoutedWithUsage() {
    ChatResponse response = langChain("auto").build().chat(UserMessage.from("write a poem please"));
    assertThat(response.aiMessage().text()).isEqualTo("I am b");
    assertThat(response.tokenUsage().inputTokenCount()).isEqualTo(10);
  }

  @Test
  void langChain4j_tools_arePassedOnBothWays() {
    var tool =
        ToolSpecification.builder()
            .name("weather")
            .description("the weather")
            .parameters(JsonObjectSchema.builder().addStringProperty("city").build())
            .build();
    ChatResponse response =
        langChain("auto")
            .build()
            .chat(
                ChatRequest.builder()
                    .messages(UserMessage.from("how is the weather in Paris"))
                    .toolSpecifications(tool)
                    .build());
    assertThat(response.aiMessage().toolExecutionRequests().getFirst().arguments())
        .contains("Paris");
    assertThat(a.lastBody().at("/tools/0/function/name").asString()).isEqualTo("weather");
  }

  @Test
  void langChain4j_stream_bringsEveryWord() throws Exception {
    var words = new StringBuilder();
    var done = new CompletableFuture<ChatResponse>();
    OpenAiStreamingChatModel.builder()
        .baseUrl(gateway.url() + "/v1")
        .apiKey("any")
        .modelName("auto")
        .build()
        .chat("add two numbers", handler(words, done));
    assertThat(done.get(1, TimeUnit.MINUTES).aiMessage().text()).isEqualTo("a w1 w2 w3");
    assertThat(words).hasToString("a w1 w2 w3");
  }

  @Test
  void langChain4j_streamBreaksOff_clientIsTold() {
    a.mood(Mood.CUT_AFTER_TWO);
    var words = new StringBuilder();
    var done = new CompletableFuture<ChatResponse>();
    OpenAiStreamingChatModel.builder()
        .baseUrl(gateway.url() + "/v1")
        .apiKey("any")
        .modelName("a")
        .build()
        .chat("add two numbers", handler(words, done));
    assertThat(done.handle((r, e) -> words.toString()).orTimeout(1, TimeUnit.MINUTES).join())
        .isEqualTo("a w1");
  }

  private static StreamingChatResponseHandler handler(
      StringBuilder words, CompletableFuture<ChatResponse> done) {
    return new StreamingChatResponseHandler() {
      @Override
      public void onPartialResponse(String word) {
        words.append(word);
      }

      @Override
      public void onCompleteResponse(ChatResponse response) {
        done.complete(response);
      }

      @Override
      public void onError(Throwable error) {
        done.completeExceptionally(error);
      }
    };
  }

  @Test
  void langChain4j_busyModel_throwsItsRateLimitException() {
    b.mood(Mood.BUSY).retryAfter("Retry-After", "0");
    assertThatThrownBy(() -> langChain("b").build().chat("hello"))
        .isInstanceOf(RateLimitException.class);
  }

  @Test
  void langChain4j_embeddings_comeFromTheBuiltInEncoder() {
    float[] vector =
        OpenAiEmbeddingModel.builder()
            .baseUrl(gateway.url() + "/v1")
            .apiKey("any")
            .modelName("fake-encoder")
            .build()
            .embed("four")
            .content()
            .vector();
    assertThat(vector).containsExactly(4f, 0.5f, -1f);
  }

  @Test
  @Tag("process")
  void openAiPackage_everything_worksUnchanged() throws Exception {
    JsonNode json =
        NpmPackages.run(
            NpmPackages.installed("openai-client", "openai@6"), SCRIPT, gateway.url() + "/v1");
    assertThat(json.path("chat").asString()).isEqualTo("I am b");
    assertThat(json.path("model").asString()).isEqualTo("b");
    assertThat(json.path("stream").asString()).isEqualTo("a w1 w2 w3");
    assertThat(json.path("usage").asInt()).isEqualTo(14);
    assertThat(json.path("tool").asString()).isEqualTo("weather");
    assertThat(json.path("completion").asString()).isEqualTo("I am a");
    assertThat(json.path("models").toString()).contains("auto:cheapest@0.8");
    assertThat(json.path("embedding").asInt()).isEqualTo(3);
    assertThat(json.path("notFound").asString()).isEqualTo("NotFoundError 404 model_not_found");
    assertThat(json.path("badRequest").asString()).isEqualTo("BadRequestError 400");
    assertThat(json.path("midStream").asString()).contains("broke off");
    assertThat(json.path("words").asString()).isEqualTo("a w1 w2 w3");
    assertThat(json.path("policy").asString())
        .isEqualTo("BadRequestError 400 invalid_policy model");
    assertThat(json.path("wrongPath").asString()).contains("/v1/chat/completions");
  }

  private static final String SCRIPT =
      """
      import OpenAI from "openai";
      const client = new OpenAI({ baseURL: process.argv[2], apiKey: "any", maxRetries: 0 });
      const user = (content) => [{ role: "user", content }];
      const out = {};
      const chat = await client.chat.completions
        .create({ model: "auto", messages: user("a poem") }).withResponse();
      out.chat = chat.data.choices[0].message.content;
      out.model = chat.response.headers.get("x-embedllm-model");
      out.stream = "";
      const stream = await client.chat.completions.create({
        model: "auto", messages: user("add numbers"), stream: true,
        stream_options: { include_usage: true } });
      for await (const chunk of stream) {
        out.stream += chunk.choices[0]?.delta?.content ?? "";
        if (chunk.usage) out.usage = chunk.usage.total_tokens;
      }
      const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object" } } }];
      const called = await client.chat.completions.create({
        model: "auto", messages: user("weather?"), tools });
      out.tool = called.choices[0].message.tool_calls[0].function.name;
      out.completion = (await client.completions.create({ model: "auto", prompt: "add" })).choices[0].text;
      out.words = "";
      const words = await client.completions.create({ model: "auto", prompt: "add", stream: true });
      for await (const chunk of words) out.words += chunk.choices[0]?.delta?.content ?? "";
      try {
        await client.chat.completions.create({ model: "auto:cheapest@7", messages: user("hi") });
      } catch (e) { out.policy = `${e.constructor.name} ${e.status} ${e.code} ${e.param}`; }
      const lost = new OpenAI({ baseURL: process.argv[2].replace("/v1", ""), apiKey: "any", maxRetries: 0 });
      try {
        await lost.chat.completions.create({ model: "auto", messages: user("hi") });
      } catch (e) { out.wrongPath = String(e.message); }
      out.models = (await client.models.list()).data.map((m) => m.id);
      const vectors = await client.embeddings.create({ model: "fake-encoder", input: "four" });
      out.embedding = vectors.data[0].embedding.length;
      try {
        await client.chat.completions.create({ model: "nobody", messages: user("hi") });
      } catch (e) { out.notFound = `${e.constructor.name} ${e.status} ${e.code}`; }
      try {
        await client.chat.completions.create({ model: "auto" });
      } catch (e) { out.badRequest = `${e.constructor.name} ${e.status}`; }
      try {
        const cut = await client.chat.completions.create({
          model: "cut", messages: user("hi"), stream: true });
        for await (const chunk of cut) {}
      } catch (e) { out.midStream = String(e.message); }
      console.log(JSON.stringify(out));
      """;
}
