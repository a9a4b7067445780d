package org.embedllm.gateway.shadow;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import org.embedllm.correctness.Reference;
import org.embedllm.gateway.config.Secret;
import org.embedllm.gateway.config.ShadowConfig;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.upstream.Upstream;
import org.embedllm.scoring.AnswerScorers;
import org.embedllm.scoring.Judge;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Scores answers without being told who wrote them.
sealed interface AnswerJudge {
  /// A score in [0, 1], and what it cost.
  record Verdict(OptionalDouble score, double usd) {}

  Verdict grade(String prompt, String answer) throws IOException, InterruptedException;

  static AnswerJudge of(ShadowConfig.Judge config, Optional<String> rubric, ModelCall calls) {
    return switch (config) {
      case ShadowConfig.Judge.Model model ->
          new ByModel(new Upstream(model.upstream()), rubric.orElse(Judge.RUBRIC), calls);
      case ShadowConfig.Judge.Webhook webhook ->
          new ByWebhook(
              webhook.url(),
              webhook.key(),
              HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build());
      case ShadowConfig.Judge.Check check -> new ByCheck(check.name());
    };
  }

  /// A model.
  record ByModel(Upstream upstream, String rubric, ModelCall calls) implements AnswerJudge {
    @Override
    public Verdict grade(String prompt, String answer) throws IOException, InterruptedException {
      double[] usd = {0};
      OptionalDouble score =
          new Judge(
                  (system, user) -> {
                    ModelCall.Answered said = calls.ask(upstream, body(system, user));
                    usd[0] += Double.isNaN(said.usd()) ? 0 : said.usd();
                    return said.text();
                  },
                  rubric)
              .grade(prompt, Reference.NONE, answer);
      return new Verdict(score, usd[0]);
    }

    private static RequestBody body(String system, String user) {
      ObjectNode body = ChatJson.mapper().createObjectNode();
      ArrayNode messages = body.putArray("messages");
      messages.addObject().put("role", "system").put("content", system);
      messages.addObject().put("role", "user").put("content", user);
      return RequestBody.parse(ChatJson.bytes(body));
    }
  }

  /// A server of the operator's.
  record ByWebhook(URI url, Optional<Secret> key, HttpClient client) implements AnswerJudge {
    @Override
    public Verdict grade(String prompt, String answer) throws IOException, InterruptedException {
      ObjectNode body = ChatJson.mapper().createObjectNode();
      body.put("prompt", prompt).put("answer", answer);
      HttpRequest.Builder request =
          HttpRequest.newBuilder(url)
              .timeout(Duration.ofMinutes(1))
              .header("content-type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofByteArray(ChatJson.bytes(body)));
      key.ifPresent(secret -> request.header("authorization", "Bearer " + secret.value()));
      HttpResponse<byte[]> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      if (response.statusCode() != 200) {
        throw new IOException("the judge answered with status " + response.statusCode());
      }
      try {
        double score =
            ChatJson.mapper().readTree(response.body()).path("score").asDouble(Double.NaN);
        return new Verdict(
            score >= 0 && score <= 1 ? OptionalDouble.of(score) : OptionalDouble.empty(), 0);
      } catch (JacksonException e) {
        throw new IOException("the judge's answer is not JSON", e);
      }
    }
  }

  /// A function of the answer: valid JSON, or a regular expression that is found.
  record ByCheck(String name) implements AnswerJudge {
    @Override
    public Verdict grade(String prompt, String answer) {
      if (name.equals("json")) {
        return new Verdict(OptionalDouble.of(isJson(answer) ? 1 : 0), 0);
      }
      return new Verdict(AnswerScorers.parse(name).score(answer, Reference.NONE), 0);
    }

    private static boolean isJson(String answer) {
      try {
        ChatJson.mapper().readTree(answer);
        return !answer.isBlank();
      } catch (JacksonException e) {
        return false;
      }
    }
  }
}
