package org.embedllm.itemresponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.junit.jupiter.api.Test;

class LabelSuspectsTest {
  private static final int QUESTIONS = 600;
  private static final int WRONG_KEYS = 20;

  @Test
  void of_someLabelsTurnedRound_listsMostOfThemAndFewOthers() {
    LabelSuspects suspects = LabelSuspects.of(pool(60, WRONG_KEYS, 3), 0.05);
    long found = suspects.suspects().stream().filter(s -> s.question() < WRONG_KEYS).count();
    assertThat(found).isGreaterThanOrEqualTo(15);
    assertThat(suspects.suspects().size() - found).isLessThanOrEqualTo(2);
    assertThat(suspects.suspects())
        .allSatisfy(s -> {
          assertThat(s.auc()).isLessThan(0.5);
          assertThat(s.adjustedPValue()).isLessThanOrEqualTo(0.05);
          assertThat(s.answers()).isEqualTo(60);
        })
        .isSortedAccordingTo((a, b) -> Double.compare(a.adjustedPValue(), b.adjustedPValue()));
  }

  @Test
  void of_abilityWithoutInfluence_listsNothingInMostDraws() {
    int listed = 0;
    for (int seed = 0; seed < 10; seed++) {
      listed += LabelSuspects.of(pool(40, 0, 0, seed), 0.05).suspects().isEmpty() ? 0 : 1;
    }
    assertThat(listed).isLessThanOrEqualTo(2);
  }

  @Test
  void of_twoModels_testsNothing() {
    LabelSuspects suspects = LabelSuspects.of(pool(2, WRONG_KEYS, 1.5), 0.05);
    assertThat(suspects.tested()).isZero();
    assertThat(suspects.suspects()).isEmpty();
  }

  @Test
  void of_rateOutsideItsRange_isRefused() {
    assertThatThrownBy(() -> LabelSuspects.of(pool(4, 0, 1), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("between 0 and 1");
  }

  private static CorrectnessMatrix pool(int models, int wrong, double slope) {
    return pool(models, wrong, slope, 7);
  }

  /// Answers that follow from ability; to the first questions they are turned round.
  private static CorrectnessMatrix pool(int models, int wrong, double slope, long seed) {
    var random = new SplittableRandom(seed);
    double[] ability = new double[models];
    List<String> names = new ArrayList<>();
    for (int i = 0; i < models; i++) {
      ability[i] = random.nextGaussian();
      names.add("m" + i);
    }
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[QUESTIONS][models];
    for (int j = 0; j < QUESTIONS; j++) {
      questions.add(new Question("q" + j, "text " + j, "b"));
      double difficulty = random.nextGaussian() / 2;
      for (int i = 0; i < models; i++) {
        boolean right =
            random.nextDouble() < 1 / (1 + Math.exp(-slope * (ability[i] - difficulty)));
        scores[j][i] = right == (j >= wrong) ? 1 : 0;
      }
    }
    return CorrectnessMatrix.ofDense(names, questions, scores);
  }
}
