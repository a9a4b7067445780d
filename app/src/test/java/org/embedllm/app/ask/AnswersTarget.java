package org.embedllm.app.ask;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.embedllm.app.fuzz.FuzzTarget;

/// The file of answers that an interrupted `ask` goes on from.
public final class AnswersTarget {
  private AnswersTarget() {}

  public static FuzzTarget target() {
    String row =
        "{\"model_name\": \"m\", \"prompt_id\": \"1\", \"prompt\": \"q\", \"score\": 0.5,"
            + " \"output\": \"a\", \"cost\": 0.01, \"scorer\": \"exact\"}\n";
    return new FuzzTarget(
        "answers",
        (folder, bytes) -> {
          try (AnswersFile file =
              AnswersFile.open(Files.write(folder.resolve("answers.jsonl"), bytes))) {
            file.earlier("m");
          }
        },
        List.of((row + row + "{\"model").getBytes(StandardCharsets.UTF_8)));
  }
}
