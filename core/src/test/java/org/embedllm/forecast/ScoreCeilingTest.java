package org.embedllm.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class ScoreCeilingTest {
  private static final int QUESTIONS = 4_000;
  private static final int REPEATS = 3;

  /// Probabilities and means of three answers drawn from them.
  private static final class Drawn {
    final float[] truth = new float[QUESTIONS];
    final CorrectnessMatrix means;

    Drawn(double low, double high) {
      var random = new SplittableRandom(3);
      List<Question> questions = new ArrayList<>();
      float[][] scores = new float[QUESTIONS][1];
      for (int j = 0; j < QUESTIONS; j++) {
        questions.add(new Question("q" + j, "", "b"));
        truth[j] = (float) (random.nextBoolean() ? low : high);
        int right = 0;
        for (int r = 0; r < REPEATS; r++) {
          right += random.nextDouble() < truth[j] ? 1 : 0;
        }
        scores[j][0] = right / (float) REPEATS;
      }
      means = CorrectnessMatrix.ofDense(List.of("m"), questions, scores);
    }
  }

  @Test
  void of_aForecasterThatKnowsTheProbabilities_reachesTheCeilingAndNotMore() {
    Drawn drawn = new Drawn(0.1, 0.9);
    ScoreCeiling ceiling = ceiling(drawn);
    assertThat(ceiling.cells()).isEqualTo(QUESTIONS);
    assertThat(ceiling.answers()).isEqualTo((long) QUESTIONS * REPEATS);
    assertThat(ceiling.accuracy().best()).isCloseTo(0.9, within(0.01));
    assertThat(ceiling.accuracy().reached()).isCloseTo(0.9, within(0.01));
    assertThat(ceiling.brier().best()).isCloseTo(0.09, within(0.005));
    assertThat(ceiling.brier().reached()).isCloseTo(0.09, within(0.005));
    assertThat(ceiling.logLoss().reached()).isGreaterThan(ceiling.logLoss().best());
  }

  @Test
  void of_probabilitiesThatDiffer_boundsTheBestScoresFromBeyond() {
    ScoreCeiling ceiling = ceiling(new Drawn(0.02, 0.6));
    assertThat(ceiling.accuracy().best()).isGreaterThan((0.98 + 0.6) / 2);
    assertThat(ceiling.brier().best()).isCloseTo((0.0196 + 0.24) / 2, within(0.005));
    assertThat(ceiling.logLoss().best()).isLessThan(ceiling.logLoss().reached());
  }

  @Test
  void of_singleAnswersAndGradedOnes_haveNoCeiling() {
    Drawn drawn = new Drawn(0.1, 0.9);
    FloatMatrix forecasts = FloatMatrix.wrap(QUESTIONS, 1, drawn.truth);
    assertThat(ScoreCeiling.of(drawn.means, forecasts, cell -> 1)).isEmpty();
    CorrectnessMatrix graded =
        CorrectnessMatrix.ofDense(
            List.of("m"), List.of(new Question("q", "", "b")), new float[][] {{0.37f}});
    assertThat(ScoreCeiling.of(graded, FloatMatrix.wrap(1, 1, new float[] {0.4f}), cell -> 4))
        .isEmpty();
  }

  private static ScoreCeiling ceiling(Drawn drawn) {
    return ScoreCeiling.of(
            drawn.means, FloatMatrix.wrap(QUESTIONS, 1, drawn.truth), cell -> REPEATS)
        .orElseThrow();
  }
}
