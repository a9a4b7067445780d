package org.embedllm.itemresponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  /// Right keys and turned ones, of models in even steps of ability: in 5 pools of 300 questions
  /// each, how many of 15 wrong keys are found, and how many right keys are blamed.
  @ParameterizedTest
  @CsvSource({"5, 20, 10", "12, 45, 8", "30, 60, 5", "50, 45, 5"})
  void of_turnedKeys_findsThemInPoolsOfAnySize(int models, int leastFound, int mostBlamed) {
    int found = 0;
    int blamed = 0;
    int blamedInCleanPools = 0;
    for (int seed = 0; seed < 5; seed++) {
      for (var suspect : LabelSuspects.of(evenPool(models, 15, seed)).suspects()) {
        found += suspect.question() < 15 ? 1 : 0;
        blamed += suspect.question() < 15 ? 0 : 1;
      }
      blamedInCleanPools += LabelSuspects.of(evenPool(models, 0, seed)).suspects().size();
    }
    assertThat(found).isGreaterThanOrEqualTo(leastFound);
    assertThat(blamed).isLessThanOrEqualTo(mostBlamed);
    assertThat(blamedInCleanPools).isLessThanOrEqualTo(2);
  }

  /// Answers whose logits are slope (ability − difficulty) with a share of lucky guesses; to the
  /// first questions right and wrong are turned.
  private static CorrectnessMatrix evenPool(int models, int wrong, long seed) {
    var random = new SplittableRandom(seed);
    List<String> names = IntStream.range(0, models).mapToObj(i -> "m" + i).toList();
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[300][models];
    for (int j = 0; j < scores.length; j++) {
      questions.add(new Question("q" + j, "text " + j, "b"));
      double difficulty = random.nextGaussian();
      double slope = Math.exp(0.4 * random.nextGaussian());
      for (int i = 0; i < models; i++) {
        double logit = slope * (6.0 * i / (models - 1) - 3 - difficulty);
        boolean right = random.nextDouble() < 0.2 + 0.8 / (1 + Math.exp(-logit));
        scores[j][i] = right == (j >= wrong) ? 1 : 0;
      }
    }
    return CorrectnessMatrix.ofDense(names, questions, scores);
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
