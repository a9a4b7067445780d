package org.embedllm.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Measure;
import org.embedllm.correctness.SplitPart;
import org.embedllm.correctness.Vote;
import org.embedllm.dataset.Dataset;
import org.embedllm.source.ImportOptions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Real data, where it lies beside the project.
@Tag("data")
class RealDataTest {
  private static Path shared(String name) {
    Path here = Path.of("").toAbsolutePath();
    for (Path up = here; up != null; up = up.getParent()) {
      Path data = up.resolve("shared").resolve("data").resolve(name);
      if (Files.isDirectory(data)) {
        return data;
      }
    }
    Assumptions.abort("no shared/data/" + name + " in or above " + here + "; this test is skipped");
    throw new AssertionError("unreachable");
  }

  @Test
  void mmluPro_hasTheCountsOfItsDescription() {
    Dataset dataset = Sources.read(shared("mmlu-pro"));

    CorrectnessMatrix matrix = dataset.data().matrix();
    assertThat(matrix.modelCount()).isEqualTo(24);
    assertThat(matrix.questionCount()).isEqualTo(12_032);
    assertThat(matrix.cellCount()).isEqualTo(287_055);
    assertThat(matrix.benchmarks()).hasSize(14);
    assertThat(dataset.data().split().questions(SplitPart.TRAIN)).hasSize(9_625);
    assertThat(dataset.data().split().questions(SplitPart.VALIDATION)).hasSize(1_203);
    assertThat(dataset.data().split().questions(SplitPart.TEST)).hasSize(1_204);
    assertThat(dataset.report().conflicts()).isZero();
    assertThat(dataset.report().sharedPrompts()).isEqualTo(67);
    assertThat(matrix.questions().getFirst().id()).isEqualTo("0");
    assertThat(matrix.models().getFirst()).isEqualTo("c4ai-command-r-v01");
  }

  @Test
  void zeroeval_hasTheCountsOfItsDescription() {
    Dataset dataset = Sources.read(shared("zeroeval"));

    CorrectnessMatrix matrix = dataset.data().matrix();
    assertThat(matrix.modelCount()).isEqualTo(56);
    assertThat(matrix.questionCount()).isEqualTo(2_840);
    assertThat(matrix.cellCount()).isEqualTo(128_890);
    assertThat(matrix.benchmarks()).containsExactly("crux", "gsm8k", "math-l5");
    assertThat(dataset.splitBrought()).isFalse();
    assertThat(dataset.data().split().questions(SplitPart.TEST)).hasSize(284);
  }

  @Test
  void lmEvalLogs_areTwoModelsOnThirteenQuestions() {
    Dataset dataset = Sources.read(shared("lm-eval-logs"));

    CorrectnessMatrix matrix = dataset.data().matrix();
    assertThat(matrix.models())
        .containsExactly(
            "tinyllama", "RylanSchaeffer/mem_Qwen3-93M_minerva_math_rep_0_sbst_1.0000_epch_1_ot_1");
    assertThat(matrix.questionCount()).isEqualTo(13);
    assertThat(matrix.cellCount()).isEqualTo(13);
    assertThat(matrix.benchmarks()).containsExactly("gsm8k", "math_perturbed_full");
  }

  @Test
  void misguidedAttention_keepsItsRepeatsAndLengths() {
    EvaluationData data = Sources.read(shared("misguided-attention")).data();

    assertThat(data.matrix().modelCount()).isEqualTo(58);
    assertThat(data.matrix().questionCount()).isEqualTo(52);
    assertThat(data.matrix().cellCount()).isEqualTo(3_012);
    assertThat(data.measures().known(Measure.OUTPUT_TOKENS)).isEqualTo(3_012);
    assertThat(data.measures().value(Measure.REPEATS, 0)).isBetween(2.0, 5.0);
  }

  @Test
  void pandalmVotes_areKeptAsVotesOfThreeJudges() {
    EvaluationData data = Sources.read(shared("pandalm-votes")).data();

    assertThat(data.votes()).hasSize(999).allMatch(vote -> vote.judges() == 3);
    assertThat(data.matrix().modelCount()).isEqualTo(5);
    assertThat(data.votes().stream().filter(vote -> vote.winner() == Vote.Winner.TIE)).hasSize(105);
  }

  @Test
  void mmluProOutputs_joinTheScoresAndTextsOfMmluPro() {
    ImportOptions options = ImportOptions.DEFAULT.withOutputsKept(true);

    Dataset dataset = Sources.read(options, shared("mmlu-pro"), shared("mmlu-pro-outputs"));

    assertThat(dataset.data().matrix().cellCount()).isEqualTo(287_055);
    assertThat(dataset.report().conflicts()).isZero();
    assertThat(dataset.data().measures().known(Measure.OUTPUT_TOKENS)).isEqualTo(279_226);
    assertThat(dataset.data().measures().has(Measure.REPEATS)).isFalse();
    assertThat(dataset.references()).hasSize(11_714);
    assertThat(dataset.outputs().isEmpty()).isFalse();
  }
}
