package org.embedllm.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.Reference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgeTest {
  private static Judge saying(String verdict) {
    return new Judge((system, user) -> verdict, Judge.RUBRIC);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"score\": 7} | 0.7",
        "Score: 10 | 1",
        "I give it 3/10. | 0.3",
        "<think>score: 2</think>{\"score\": 9} | 0.9"
      })
  void grade_inAnyForm_isReadAsAShareOfTenPoints(String verdict, double score)
      throws IOException, InterruptedException {
    assertThat(saying(verdict).grade("q", Reference.NONE, "a")).hasValue(score);
  }

  @Test
  void grade_thatCannotBeRead_isMissing() throws IOException, InterruptedException {
    assertThat(saying("Well done!").grade("q", Reference.NONE, "a")).isEmpty();
    assertThat(saying("{\"score\": 99}").grade("q", Reference.NONE, "a")).isEmpty();
  }

  @Test
  void grade_withAReference_showsItToTheJudge() throws IOException, InterruptedException {
    List<String> asked = new ArrayList<>();
    Judge judge =
        new Judge(
            (system, user) -> {
              asked.add(system + user);
              return "{\"score\": 5}";
            },
            "be strict");
    judge.grade("2 + 2?", new Reference("four", List.of()), "4");
    judge.grade("2 + 2?", Reference.NONE, "4");
    assertThat(asked.getFirst()).contains("be strict", "2 + 2?", "four");
    assertThat(asked.getLast()).doesNotContain("four");
  }

  @Test
  void agreement_ofAJudgeThatLikesEverything_isLittleBetterThanChance() {
    JudgeAgreement.Counter good = new JudgeAgreement.Counter();
    JudgeAgreement.Counter lenient = new JudgeAgreement.Counter();
    for (int i = 0; i < 40; i++) {
      good.add(i % 2 == 0 ? 0.9 : i < 4 ? 0.8 : 0.1, i % 2 == 0 ? 1 : 0);
      lenient.add(1, i % 2 == 0 ? 1 : 0);
    }
    assertThat(good.agreement().share()).isEqualTo(0.95);
    assertThat(good.agreement().kappa()).isCloseTo(0.9, within(1e-9));
    assertThat(good.agreement().littleBetterThanChance()).isFalse();
    assertThat(lenient.agreement().share()).isEqualTo(0.5);
    assertThat(lenient.agreement().kappa()).isZero();
    assertThat(lenient.agreement().littleBetterThanChance()).isTrue();
    assertThat(new JudgeAgreement.Counter().agreement().measured()).isFalse();
  }

  /// A judge that is asked in both orders, with what it says to the first and the second.
  private static Optional<PairVerdict> compared(String forth, String back) throws Exception {
    Iterator<String> said = List.of(forth, back).iterator();
    List<String> asked = new ArrayList<>();
    Judge judge =
        new Judge(
            (system, user) -> {
              asked.add(user);
              return said.next();
            },
            Judge.RUBRIC);
    Optional<PairVerdict> verdict =
        judge.compare("2 + 2?", new Reference("4", List.of()), "four", "five");
    if (asked.size() == 2) {
      assertThat(asked.getFirst().indexOf("four")).isLessThan(asked.getFirst().indexOf("five"));
      assertThat(asked.getLast().indexOf("five")).isLessThan(asked.getLast().indexOf("four"));
    }
    return verdict;
  }

  @Test
  void compare_asksInBothOrders_andBelievesWhatBothSay() throws Exception {
    assertThat(compared("{\"better\": 1}", "{\"better\": 2}")).contains(new PairVerdict(1, true));
    assertThat(compared("Better: 2", "<think>better 2</think>{\"better\": 1}"))
        .contains(new PairVerdict(0, true));
    assertThat(compared("{\"better\": 0}", "{\"better\": 0}")).contains(new PairVerdict(0.5, true));
    assertThat(compared("{\"better\": 1}", "{\"better\": 1}"))
        .contains(new PairVerdict(0.5, false));
    assertThat(compared("{\"better\": 1}", "{\"better\": 0}"))
        .contains(new PairVerdict(0.5, false));
    assertThat(compared("{\"better\": 1}", "Both are fine.")).isEmpty();
  }
}
