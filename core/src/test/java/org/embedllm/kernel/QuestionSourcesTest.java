package org.embedllm.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.embedllm.factorization.TrainingListener;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class QuestionSourcesTest {
  private static final KernelOptions OPTIONS = KernelOptions.DEFAULT.withLandmarks(60);

  @Test
  void withFirst_inputsWithAttributes_areThoseMadeForFewerComponents() {
    TrainingProblem problem = new SimulatedTasks(16, 900, 3).problem(500, 300);
    TrainingProblem.Validation held = problem.validation().orElseThrow();
    try (Workers workers = new Workers(2)) {
      AnswerComponents answers = AnswerComponents.of(problem.train(), 8, workers);
      var clock = new PhaseClock(System::nanoTime, TrainingListener.NONE);
      QuestionSources sources = QuestionSources.of(problem, answers, OPTIONS, clock, workers);
      int most = sources.components();
      FloatMatrix widest = sources.inputs(held.matrix(), held.features(), most, 1, workers);
      assertThat(most).isGreaterThan(2);
      assertThat(widest.columns()).as("with attributes").isGreaterThan(1 + most);
      for (int d : new int[] {1, 2, most}) {
        assertThat(sources.withFirst(d, widest))
            .isEqualTo(sources.inputs(held.matrix(), held.features(), d, 1, workers));
      }
    }
  }
}
