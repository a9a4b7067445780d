package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.embedllm.gateway.upstream.ScriptedServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The official clients of the Responses and the Messages API, as npm has them.
@Tag("server")
@Tag("slow")
@Tag("process")
class ProtocolClientsTest {
  private static final String USAGE =
      "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":5,\"total_tokens\":14}";
  private static final String TEXT =
      "{\"object\":\"chat.completion\",\"id\":\"1\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hello\"},\"finish_reason\":\"stop\"}],%s}"
          .formatted(USAGE);
  private static final String CALLS =
      "{\"object\":\"chat.completion\",\"id\":\"1\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"city\\\":\\\"Oslo\\\"}\"}},{\"id\":\"call_2\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"city\\\":\\\"Rome\\\"}\"}}]},\"finish_reason\":\"tool_calls\"}],%s}"
          .formatted(USAGE);

  private static final List<String> TEXT_DELTAS =
      List.of(
          "\"role\":\"assistant\",\"reasoning_content\":\"so \"",
          "\"reasoning_content\":\"then\"",
          "\"content\":\"Hel\"",
          "\"content\":\"lo\"");
  private static final List<String> CALLS_DELTAS =
      List.of(
          "\"role\":\"assistant\",\"content\":null",
          "\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"\"}}]",
          "\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"city\\\":\"}}]",
          "\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\\"Oslo\\\"}\"}}]",
          "\"tool_calls\":[{\"index\":1,\"id\":\"call_2\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"city\\\":\"}}]",
          "\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"\\\"Rome\\\"}\"}}]");

  private static final String SCRIPT =
      """
      import OpenAI from "openai";
      import Anthropic from "@anthropic-ai/sdk";
      import { generateText, streamText, tool, stepCountIs } from "ai";
      import { createOpenAI } from "@ai-sdk/openai";
      import { ChatOpenAI } from "@langchain/openai";
      import { Agent, run, setDefaultOpenAIClient, setOpenAIAPI, setTracingDisabled, tool as agentTool } from "@openai/agents";
      import { z } from "zod";
      const base = process.argv[2];
      const out = {};
      const step = async (name, work) => {
        try { out[name] = await work(); } catch (e) { out[name] = `FAILED ${e.status ?? ""} ${e.message}`; }
      };
      const openai = new OpenAI({ baseURL: base + "/v1", apiKey: "any", maxRetries: 0 });
      await step("openai", async () => (await openai.responses.create({ model: "text", input: "hi" })).output_text);
      await step("openaiStream", async () => {
        const stream = openai.responses.stream({ model: "text", input: "hi" });
        let text = "", parts = 0;
        stream.on("response.output_text.delta", (e) => { text += e.delta; parts++; });
        const done = await stream.finalResponse();
        return [text, parts, done.output_text, done.output[0].summary[0].text, done.usage.total_tokens];
      });
      const parameters = { type: "object", properties: { city: { type: "string" } } };
      await step("openaiTools", async () => {
        const stream = openai.responses.stream({ model: "calls", input: "hi",
          tools: [{ type: "function", name: "weather", parameters, strict: false }] });
        const deltas = {};
        let count = 0, ordered = true;
        stream.on("event", (e) => {
          ordered &&= e.sequence_number === count++;
          if (e.type === "response.function_call_arguments.delta") deltas[e.item_id] = (deltas[e.item_id] ?? "") + e.delta;
        });
        const calls = (await stream.finalResponse()).output.filter((i) => i.type === "function_call");
        return [ordered && count > 0, ...calls.map((i) => JSON.parse(i.arguments).city),
          ...calls.map((i) => deltas[i.id] === i.arguments)];
      });
      await step("openaiChat", async () => {
        const answer = await openai.chat.completions.create({ model: "text", messages: [{ role: "user", content: "hi" }] });
        return answer.choices[0].message.content;
      });
      await step("openaiChatStream", async () => {
        const stream = openai.chat.completions.stream({ model: "calls", stream_options: { include_usage: true },
          messages: [{ role: "user", content: "hi" }], tools: [{ type: "function", function: { name: "weather", parameters } }] });
        const done = await stream.finalChatCompletion();
        return [done.choices[0].finish_reason, done.usage.total_tokens,
          ...done.choices[0].message.tool_calls.map((c) => JSON.parse(c.function.arguments).city)];
      });
      setTracingDisabled(true);
      setDefaultOpenAIClient(openai);
      for (const api of ["responses", "chat_completions"]) {
        setOpenAIAPI(api);
        const agent = new Agent({ name: "agent", instructions: "be brief", model: "text" });
        await step("agents_" + api, async () => (await run(agent, "hi")).finalOutput);
        const weather = agentTool({ name: "weather", description: "of a city",
          parameters: z.object({ city: z.string() }), execute: async ({ city }) => city + ": sun" });
        await step("agentsTool_" + api, async () => {
          const stream = await run(new Agent({ name: "agent", model: "turns", tools: [weather] }), "weather?", { stream: true });
          let text = "";
          for await (const e of stream) if (e.type === "raw_model_stream_event" && e.data.type === "output_text_delta") text += e.data.delta;
          await stream.completed;
          const outputs = stream.newItems.filter((i) => i.type === "tool_call_output_item").map((i) => i.output);
          return [text, stream.finalOutput, ...outputs];
        });
      }
      const ai = createOpenAI({ baseURL: base + "/v1", apiKey: "any" });
      await step("ai", async () => (await generateText({ model: ai("text"), prompt: "hi", maxRetries: 0 })).text);
      await step("aiStream", async () => {
        let text = "";
        for await (const part of streamText({ model: ai("text"), prompt: "hi", maxRetries: 0 }).textStream) text += part;
        return text;
      });
      await step("aiTools", async () => {
        const result = await generateText({ model: ai("auto"), prompt: "weather", maxRetries: 0,
          stopWhen: stepCountIs(2),
          tools: { weather: tool({ inputSchema: z.object({ city: z.string() }), execute: async ({ city }) => city + ": sun" }) } });
        return [result.steps.length, result.text, ...result.steps[0].toolResults.map((r) => r.output)];
      });
      await step("langchain", async () => {
        const model = new ChatOpenAI({ model: "text", apiKey: "any", useResponsesApi: true,
          configuration: { baseURL: base + "/v1" }, maxRetries: 0 });
        const answer = await model.invoke("hi");
        return answer.text ?? answer.content;
      });
      const anthropic = new Anthropic({ baseURL: base, apiKey: "any", maxRetries: 0 });
      const ask = { max_tokens: 99, messages: [{ role: "user", content: "hi" }] };
      await step("anthropic", async () => (await anthropic.messages.create({ model: "text", ...ask })).content[0].text);
      await step("anthropicStream", async () => {
        let text = "";
        let parts = 0;
        const stream = anthropic.messages.stream({ model: "text", ...ask, thinking: { type: "enabled", budget_tokens: 1024 } });
        stream.on("text", (t) => { text += t; parts++; });
        const done = await stream.finalMessage();
        return [text, parts, done.content[0].thinking, done.content[1].text, done.stop_reason, done.usage.output_tokens];
      });
      await step("anthropicTools", async () => {
        const stream = anthropic.messages.stream({ model: "calls", ...ask,
          tools: [{ name: "weather", input_schema: parameters }] });
        const deltas = [];
        stream.on("streamEvent", (e) => {
          if (e.delta?.type === "input_json_delta") deltas[e.index] = (deltas[e.index] ?? "") + e.delta.partial_json;
        });
        const done = await stream.finalMessage();
        return [done.stop_reason, ...done.content.map((b) => b.input?.city), ...deltas.map((d) => JSON.parse(d).city)];
      });
      await step("anthropicCount", async () =>
        (await anthropic.messages.countTokens({ model: "text", messages: ask.messages })).input_tokens > 0);
      try {
        await anthropic.messages.create({ model: "nobody", ...ask });
      } catch (e) { out.anthropicError = `${e.constructor.name} ${e.status} ${e.error?.error?.type}`; }
      console.log(JSON.stringify(out));
      process.exit(0);
      """;

  /// An answer, whole and in pieces.
  private record Said(String whole, List<String> deltas, String finish) {
    void stream(OutputStream out) throws IOException {
      ScriptedServer.write(
          out,
          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (String delta : deltas) {
        chunk(
            out,
            "\"choices\":[{\"index\":0,\"delta\":{%s},\"finish_reason\":null}]".formatted(delta));
      }
      chunk(
          out,
          "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"%s\"}]".formatted(finish));
      chunk(out, "\"choices\":[]," + USAGE);
      event(out, "[DONE]");
      ScriptedServer.write(out, "0\r\n\r\n");
    }

    private static void chunk(OutputStream out, String fields) throws IOException {
      event(
          out,
          "{\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",%s}"
              .formatted(fields));
    }

    private static void event(OutputStream out, String data) throws IOException {
      String event = "data: " + data + "\n\n";
      ScriptedServer.write(out, "%x\r\n%s\r\n".formatted(event.length(), event));
    }
  }

  private static final Said SAID_TEXT = new Said(TEXT, TEXT_DELTAS, "stop");
  private static final Said SAID_CALLS = new Said(CALLS, CALLS_DELTAS, "tool_calls");

  /// @param answers in turn, streamed where that is asked for
  private static ScriptedServer server(Said... answers) throws Exception {
    var self = new AtomicReference<ScriptedServer>();
    self.set(
        new ScriptedServer((n, out) -> {
          Said said = answers[n % answers.length];
          if (self.get().bodies().getLast().contains("\"stream\":true")) {
            said.stream(out);
          } else {
            ScriptedServer.write(out, ScriptedServer.json(said.whole()));
          }
          return true;
        }));
    return self.get();
  }

  @Test
  void clients_ofBothProtocols_workUnchanged(@TempDir Path folder) throws Exception {
    Path clients =
        NpmPackages.installed(
            "protocol-clients",
            "openai@6",
            "ai",
            "@ai-sdk/openai",
            "@langchain/openai",
            "@langchain/core",
            "@anthropic-ai/sdk",
            "@openai/agents",
            "zod");
    try (ScriptedServer text = server(SAID_TEXT);
        ScriptedServer calls = server(SAID_CALLS);
        ScriptedServer turns = server(SAID_CALLS, SAID_TEXT)) {
      var yaml = new StringBuilder("upstreams:\n");
      Map.of("text", text, "calls", calls, "turns", turns)
          .forEach((name, server) ->
              yaml.append(
                  "  - {model: %s, health: {interval: 0}, url: \"http://127.0.0.1:%d/v1\"}\n"
                      .formatted(name, server.port())));
      try (var gateway =
          new GatewayFixture(
              new FakeForecaster().with("turns", 0.9).with("text", 0.5), folder, yaml.toString())) {
        JsonNode out = NpmPackages.run(clients, SCRIPT, gateway.url());
        assertThat(out.path("openai").asString()).isEqualTo("Hello");
        assertThat(out.path("openaiStream")).hasToString("[\"Hello\",2,\"Hello\",\"so then\",14]");
        assertThat(out.path("openaiChatStream"))
            .hasToString("[\"tool_calls\",14,\"Oslo\",\"Rome\"]");
        assertThat(out.path("openaiTools")).hasToString("[true,\"Oslo\",\"Rome\",true,true]");
        assertThat(out.path("openaiChat").asString()).isEqualTo("Hello");
        for (String api : List.of("responses", "chat_completions")) {
          assertThat(out.path("agents_" + api).asString()).isEqualTo("Hello");
          assertThat(out.path("agentsTool_" + api))
              .hasToString("[\"Hello\",\"Hello\",\"Oslo: sun\",\"Rome: sun\"]");
        }
        assertThat(out.path("ai").asString()).isEqualTo("Hello");
        assertThat(out.path("aiStream").asString()).isEqualTo("Hello");
        assertThat(out.path("aiTools")).hasToString("[2,\"Hello\",\"Oslo: sun\",\"Rome: sun\"]");
        assertThat(out.path("langchain").toString()).contains("Hello");
        assertThat(out.path("anthropic").asString()).isEqualTo("Hello");
        assertThat(out.path("anthropicStream"))
            .hasToString("[\"Hello\",2,\"so then\",\"Hello\",\"end_turn\",5]");
        assertThat(out.path("anthropicTools"))
            .hasToString("[\"tool_use\",\"Oslo\",\"Rome\",\"Oslo\",\"Rome\"]");
        assertThat(out.path("anthropicCount").asBoolean()).isTrue();
        assertThat(out.path("anthropicError").asString())
            .isEqualTo("NotFoundError 404 not_found_error");
      }
    }
  }
}
