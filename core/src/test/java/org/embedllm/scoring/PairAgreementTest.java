package org.embedllm.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PairAgreementTest {
  private static final int PAIRS = 150;
  private static final int JUDGES = 2_000;

  @Test
  void agreement_ofAJudgeThatPrefersTheFirstAnswer_isLittleBetterThanChance() {
    PairAgreement.Counter good = new PairAgreement.Counter();
    PairAgreement.Counter first = new PairAgreement.Counter();
    PairAgreement.Counter wrong = new PairAgreement.Counter();
    for (int i = 0; i < 40; i++) {
      double better = i % 2 == 0 ? 1 : -1;
      good.add(PairVerdict.of(i % 2 == 0 ? 1 : 0, i % 2 == 0 ? 1 : 0), better);
      first.add(PairVerdict.of(1, 0), better);
      wrong.add(PairVerdict.of(1, 1), i % 4 == 0 ? 1 : -1);
    }
    assertThat(good.agreement()).isEqualTo(new PairAgreement(40, 40, 40, 40));
    assertThat(good.agreement().littleBetterThanChance()).isFalse();
    assertThat(first.agreement()).isEqualTo(new PairAgreement(40, 0, 0, 0));
    assertThat(first.agreement().littleBetterThanChance()).isTrue();
    assertThat(wrong.agreement()).isEqualTo(new PairAgreement(40, 40, 40, 10));
    assertThat(wrong.agreement().littleBetterThanChance()).isTrue();
  }

  @Test
  void agreement_thatMayBeLuck_isNotHeldAgainstTheJudge() {
    assertThat(new PairAgreement(20, 12, 0, 0).littleBetterThanChance()).isFalse();
    assertThat(new PairAgreement(20, 8, 0, 0).littleBetterThanChance()).isFalse();
    assertThat(new PairAgreement(20, 7, 0, 0).littleBetterThanChance()).isTrue();
    assertThat(new PairAgreement(19, 0, 0, 0).littleBetterThanChance()).isFalse();
    assertThat(new PairAgreement(200, 100, 0, 0).littleBetterThanChance()).isTrue();
    assertThat(new PairAgreement(200, 200, 20, 7).littleBetterThanChance()).isTrue();
    assertThat(new PairAgreement(200, 200, 20, 8).littleBetterThanChance()).isFalse();
  }

  /// Share of judges that are refused after some of their pairs.
  ///
  /// @param consistent probability of the same verdict in both orders
  private static double refused(double consistent) {
    Random random = new Random(7);
    int refused = 0;
    for (int judge = 0; judge < JUDGES; judge++) {
      PairAgreement.Counter counter = new PairAgreement.Counter();
      for (int i = 0; i < PAIRS; i++) {
        counter.add(new PairVerdict(1, random.nextDouble() < consistent), 0);
        if (counter.agreement().littleBetterThanChance()) {
          refused++;
          break;
        }
      }
    }
    return refused / (double) JUDGES;
  }

  @Test
  void judge_betterThanACoin_isHardlyEverRefused_howeverOftenItIsLookedAt() {
    assertThat(refused(0.65)).isLessThan(0.05);
    assertThat(refused(0.75)).isLessThan(0.001);
    // Two coins that say first, second or neither agree in a third of pairs.
    assertThat(refused(1 / 3.0)).isGreaterThan(0.99);
    assertThat(refused(0.5)).isGreaterThan(0.6);
  }
}
