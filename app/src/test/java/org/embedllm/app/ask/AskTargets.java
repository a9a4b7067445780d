package org.embedllm.app.ask;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.embedllm.app.fuzz.AnsweringServer;
import org.embedllm.app.fuzz.FuzzTarget;

/// The user's own prompts of `ask`, and what servers answer.
public final class AskTargets {
  private AskTargets() {}

  public static List<FuzzTarget> all() {
    return List.of(
        FuzzTarget.ofTexts(
            "ask-prompts",
            (folder, bytes) -> PromptTable.read(Files.write(folder.resolve("p.csv"), bytes)),
            "prompt_id,prompt,category,reference,options\n1,one,c,A,\"[\"\"A\"\", \"\"B\"\"]\"\n2,two,,,\n"),
        FuzzTarget.ofTexts(
            "ask-prompts-lines",
            (folder, bytes) -> PromptTable.read(Files.write(folder.resolve("p.jsonl"), bytes)),
            "{\"prompt\": \"one\", \"id\": 1, \"options\": [\"A\", \"B\"], \"gold\": \"A\"}\n{\"prompt\": [{\"role\": \"user\", \"content\": \"two\"}]}\n"),
        FuzzTarget.ofTexts(
            "ask-pairs",
            (folder, bytes) -> {
              try (PairsFile file =
                  PairsFile.open(Files.write(folder.resolve("v.jsonl"), bytes), "j")) {
                file.earlier();
              }
            },
            "{\"model_a\":\"a\",\"model_b\":\"b\",\"winner\":\"tie\",\"prompt_id\":\"1\",\"prompt\":\"q\",\"category\":\"\",\"consistent\":false,\"better\":0.5,\"judge\":\"j\",\"judge_cost\":0.1}\n{\"model_a\":\"a\",\"model_b\":\"b\",\"winner\":null,\"consistent\":null,\"prompt_id\":\"2\",\"judge\":\"j\"}\n{\"model_a"),
        FuzzTarget.ofTexts(
            "chat-answer",
            (folder, bytes) -> asked(bytes),
            """
            {"choices": [{"message": {"content": "a"}, "finish_reason": "length"}],
             "usage": {"prompt_tokens": 3, "completion_tokens": 2, "cost": 0.001}}
            """,
            "{\"choices\": [{\"message\": {\"content\": [{\"type\": \"text\", \"text\": \"a\"}]}}]}"));
  }

  private static void asked(byte[] answer) throws IOException {
    AnsweringServer.answering(
        answer,
        base -> {
          ChatEndpoint endpoint =
              new ChatEndpoint(
                  base,
                  "m",
                  "m",
                  Optional.of("key"),
                  Map.of(),
                  Optional.empty(),
                  1,
                  OptionalDouble.empty());
          try (ChatClient client =
              new ChatClient(endpoint, OptionalInt.empty(), 1, Duration.ZERO, pause -> {})) {
            client.ask("s", "q");
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
          }
        });
  }
}
