package org.embedllm.gateway.shadow;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.embedllm.app.fuzz.AnsweringServer;
import org.embedllm.app.fuzz.FuzzTarget;
import org.embedllm.correctness.Reference;
import org.embedllm.scoring.Judge;

/// What the shadow reads: answers, and what judges say of them.
public final class ShadowTargets {
  private ShadowTargets() {}

  private static final class Client {
    static final HttpClient HTTP = HttpClient.newHttpClient();
  }

  public static List<FuzzTarget> all() {
    return List.of(
        FuzzTarget.ofTexts(
            "shadow-answer",
            (folder, bytes) -> {
              AnswerCapture.text(bytes);
              new AnswerJudge.ByCheck("json").grade("p", new String(bytes, StandardCharsets.UTF_8));
            },
            "{\"choices\": [{\"message\": {\"content\": \"a\"}}]}",
            "{\"choices\": [{\"delta\": {\"content\": \"a\"}}]}"),
        FuzzTarget.ofTexts("judge-webhook", (folder, bytes) -> webhook(bytes), "{\"score\": 0.5}"),
        FuzzTarget.ofTexts(
            "judge-words",
            (folder, bytes) -> words(new String(bytes, StandardCharsets.UTF_8)),
            "Score: 8/10",
            "{\"score\": 7}"));
  }

  private static void webhook(byte[] answer) throws IOException {
    AnsweringServer.answering(
        answer,
        base -> {
          try {
            new AnswerJudge.ByWebhook(base, Optional.empty(), Client.HTTP).grade("p", "a");
          } catch (InterruptedException e) {
            throw interrupted(e);
          }
        });
  }

  private static void words(String said) throws IOException {
    try {
      new Judge((system, user) -> said, Judge.RUBRIC).grade("p", Reference.NONE, "a");
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IOException("interrupted", e);
  }
}
