package org.embedllm.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.embedllm.correctness.CellMeasures;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Measure;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.junit.jupiter.api.Test;

class RightFromTest {
  @Test
  void labelled_scores_loseTheVarianceThatIsNotTheirs() {
    EvaluationData data =
        EvaluationData.of(
            CorrectnessMatrix.ofDense(
                List.of("m"),
                List.of(new Question("q", "q", Question.NO_BENCHMARK)),
                new float[][] {{0.75f}}),
            QuestionSplit.of(List.of(SplitPart.TRAIN)),
            Map.of(),
            CellMeasures.of(
                Map.of(
                    Measure.REPEATS, new double[] {4},
                    Measure.SCORE_VARIANCE, new double[] {0.25})),
            List.of());
    assertThat(data.matrix().cellVariance(0)).isEqualTo(0.25f);
    EvaluationData labels = RightFrom.labeled(data, OptionalDouble.of(0.7));
    assertThat(labels.matrix().cellScore(0)).isEqualTo(1);
    assertThat(labels.matrix().cellRepeats(0)).isEqualTo(4);
    assertThat(labels.matrix().hasVariances()).isFalse();
  }
}
