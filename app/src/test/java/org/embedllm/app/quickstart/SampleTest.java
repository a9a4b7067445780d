package org.embedllm.app.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleTest {
  @TempDir private Path folder;

  @Test
  void questions_areDifferentAndFilledIn() {
    List<SampleQuestion> questions = SampleQuestions.generate(500, 11);
    Set<String> texts = new HashSet<>();
    for (SampleQuestion question : questions) {
      assertThat(question.text()).doesNotContain("..").doesNotContain("{{").doesNotContain("}}");
      texts.add(question.text());
    }
    assertThat(texts).hasSize(5_000);
    assertThat(questions.stream().map(SampleQuestion::skill).distinct()).hasSize(10);
  }

  @Test
  void models_areTwentyOrMore_andSayThatTheyAreSimulated() {
    List<SimulatedModel> models = SimulatedPool.generate(5);
    assertThat(models).hasSizeGreaterThanOrEqualTo(20);
    assertThat(models).allSatisfy(model -> assertThat(model.name()).startsWith("sim-"));
    assertThat(models.stream().map(SimulatedModel::name)).doesNotHaveDuplicates();
  }

  @Test
  void answers_ofASpecialist_areRightMoreOftenAtItsSkill() {
    Map<String, int[]> counts = new HashMap<>();
    SimulatedAnswers.<RuntimeException>generate(
        SampleQuestions.generate(200, 1),
        SimulatedPool.generate(2),
        3,
        answer -> {
          int[] count =
              counts.computeIfAbsent(
                  answer.model().name() + " " + answer.question().skill(), _ -> new int[2]);
          count[0] += answer.correct() ? 1 : 0;
          count[1]++;
        });
    assertThat(accuracy(counts, "sim-birch-72b code"))
        .isGreaterThan(accuracy(counts, "sim-birch-72b poetry") + 0.2);
    assertThat(counts).doesNotContainKey("sim-willow-8b poetry");
    assertThat(counts).containsKey("sim-oak-70b-replica law");
  }

  private static double accuracy(Map<String, int[]> counts, String key) {
    int[] count = counts.getOrDefault(key, new int[2]);
    return (double) count[0] / count[1];
  }

  @Test
  void files_ofOneSeed_areTheSameBytes() throws IOException {
    SampleFiles first = SampleFiles.write(folder.resolve("a"), 20, 7);
    SampleFiles.write(folder.resolve("b"), 20, 7);
    assertThat(folder.resolve("a/responses.csv"))
        .hasSameBinaryContentAs(folder.resolve("b/responses.csv"));
    assertThat(first.questions()).isEqualTo(200);
    assertThat(Files.readString(folder.resolve("a/README.md"))).contains("simulated");
    assertThat(Files.readAllLines(folder.resolve("a/prices.csv"))).hasSize(first.models() + 1);
  }
}
