package org.embedllm.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.embedllm.source.ImportOptions;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnswerLogTest {
  private static final ImportOptions OPTIONS = ImportOptions.DEFAULT.withTextRequired(false);

  @TempDir Path folder;

  @Test
  void log_ofRepeatedQuestions_hasEveryAnswerInTheOrderOfTheRows() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("log.csv"),
            "model,prompt_id,score\nb,2,1\na,1,0\nb,1,0.5\nb,2,0\na,1,NaN\na,2,1\nb,2,1\n");
    AnswerLog log = AnswerLog.read(file, OPTIONS);
    List<String> answers = new ArrayList<>();
    for (int at = 0; at < log.size(); at++) {
      answers.add(
          "%s %s %s"
              .formatted(
                  log.models().get(log.model(at)),
                  log.questions().get(log.question(at)).id(),
                  log.score(at)));
    }
    assertThat(answers)
        .containsExactly("b 2 1.0", "a 1 0.0", "b 1 0.5", "b 2 0.0", "a 2 1.0", "b 2 1.0");
  }

  @Test
  void log_withoutAnAnswer_isRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("log.csv"), "model,prompt_id,score\na,1,\n");
    assertThatThrownBy(() -> AnswerLog.read(file, OPTIONS))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("none of its 1 rows has a score");
  }
}
