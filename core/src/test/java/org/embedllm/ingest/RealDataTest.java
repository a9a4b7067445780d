package org.embedllm.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.Dataset;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// Real data, where it lies beside the project.
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
}
