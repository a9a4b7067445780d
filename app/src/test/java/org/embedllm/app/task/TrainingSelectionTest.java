package org.embedllm.app.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class TrainingSelectionTest {
  private static final List<String> BENCHMARKS =
      List.of("law", "law, of Rome", "of Rome", "[old", "[\"law\"]", "\"quoted\"", "history");

  private final EvaluationData data = data();

  private static EvaluationData data() {
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[3 * BENCHMARKS.size()][1];
    for (int j = 0; j < scores.length; j++) {
      questions.add(new Question("q" + j, "text " + j, BENCHMARKS.get(j % BENCHMARKS.size())));
    }
    return EvaluationData.of(
        CorrectnessMatrix.ofDense(List.of("model"), questions, scores),
        QuestionSplit.of(Collections.nCopies(scores.length, SplitPart.TRAIN)),
        Map.of());
  }

  private TrainingSelection.Chosen without(String... names) {
    var selection = new TrainingSelection();
    List<String> arguments = new ArrayList<>();
    for (String name : names) {
      arguments.add("--exclude-benchmark=" + name);
    }
    new CommandLine(selection).parseArgs(arguments.toArray(String[]::new));
    return selection.choose(data, 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"law", "law, of Rome", "[old", "[\"law\"]", "law|history", "law|law, of Rome"})
  void again_anyNames_selectsTheSameQuestions(String names) {
    TrainingSelection.Chosen chosen = without(names.split("\\|"));
    List<String> left = new ArrayList<>(BENCHMARKS);
    left.removeAll(List.of(names.split("\\|")));
    assertThat(chosen.train().benchmarks()).containsExactlyInAnyOrderElementsOf(left);
    assertThat(TrainingSelection.again(data, chosen.provenance(), 1).questions())
        .isEqualTo(chosen.train().questions());
  }

  @Test
  void provenance_plainNames_isAsOlderVersionsWroteIt() {
    assertThat(without("law", "history").provenance())
        .containsEntry("exclude-benchmark", "law,history");
    assertThat(without("law, of Rome").provenance())
        .containsEntry("exclude-benchmark", "[\"law, of Rome\"]");
  }

  @Test
  void again_oldTextThatBeginsLikeAnArray_isAName() {
    assertThat(TrainingSelection.again(data, Map.of("exclude-benchmark", "[old"), 1).benchmarks())
        .doesNotContain("[old")
        .hasSize(BENCHMARKS.size() - 1);
  }
}
