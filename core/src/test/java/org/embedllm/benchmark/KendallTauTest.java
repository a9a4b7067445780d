package org.embedllm.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KendallTauTest {
  @Test
  void tau_manySamplesWithAndWithoutTies_agreesWithPairsCountedOneByOne() {
    SplittableRandom random = new SplittableRandom(3);
    for (int trial = 0; trial < 400; trial++) {
      int n = 2 + random.nextInt(60);
      int levels = trial % 2 == 0 ? 1 + random.nextInt(8) : 1_000_000;
      double[] x = sample(random, n, levels);
      double[] y = sample(random, n, levels);
      double expected = tauByPairs(x, y);
      assertThat(KendallTau.of(x, y).tau()).isEqualTo(expected, within(1e-14));
    }
  }

  @Test
  void pValue_smallSamples_isTheShareOfAllPairingsAtLeastAsExtreme() {
    SplittableRandom random = new SplittableRandom(4);
    for (int trial = 0; trial < 60; trial++) {
      int n = 2 + random.nextInt(6);
      int levels = trial % 2 == 0 ? 2 + random.nextInt(4) : 1_000_000;
      double[] x = sample(random, n, levels);
      double[] y = sample(random, n, levels);
      assertThat(KendallTau.of(x, y).pValue())
          .as("%s %s", Arrays.toString(x), Arrays.toString(y))
          .isEqualTo(pByAllPairings(x, y), within(1e-12));
    }
  }

  @Test
  void pValue_nineWithTies_isEnumerated() {
    double[] x = {1, 2, 2, 3, 4, 5, 5, 6, 7};
    double[] y = {1, 1, 2, 4, 3, 5, 6, 6, 6};
    KendallTau result = KendallTau.of(x, y);
    assertThat(result.method()).isEqualTo(KendallTau.Method.ENUMERATED);
    assertThat(result.pValue()).isEqualTo(pByAllPairings(x, y), within(1e-12));
  }

  @Test
  void tau_hollanderAndWolfesTuna_isThePublishedValue() {
    // Hollander and Wolfe (1973), p. 187: Hunter L value against panel score; T = 26, p = 0.1194.
    double[] lightness = {44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1};
    double[] panel = {2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8};
    KendallTau result = KendallTau.of(lightness, panel);
    assertThat(result.tau()).isEqualTo(4.0 / 9, within(1e-15));
    assertThat(result.pValue()).isEqualTo(0.11943893298059964, within(1e-13));
    assertThat(result.method()).isEqualTo(KendallTau.Method.EXACT);
  }

  @Test
  void pValue_fortyWithoutTies_agreesWithScipysExactMethod() {
    double[] x = IntStream.range(0, 40).asDoubleStream().toArray();
    double[] weak = Arrays.stream(x).map(i -> i * 17 % 41).toArray();
    double[] strong = Arrays.stream(x).map(i -> i * 1.001 + (i % 3 == 0 ? 7 : 0)).toArray();
    assertThat(KendallTau.of(x, weak).pValue()).isEqualTo(0.8804101690512627, within(1e-12));
    assertThat(KendallTau.of(x, strong).pValue() / 2.9302035763312114e-23)
        .isEqualTo(1, within(1e-9));
  }

  @Test
  void pValue_twelveWithTies_agreesWithScipysNormalApproximation() {
    double[] x = {1, 2, 2, 3, 4, 4, 4, 5, 6, 7, 8, 8};
    double[] rising = {2, 1, 3, 3, 3, 5, 4, 6, 6, 8, 7, 9};
    double[] falling = {9, 7, 8, 6, 6, 4, 5, 3, 6, 2, 2, 1};
    KendallTau up = KendallTau.of(x, rising);
    KendallTau down = KendallTau.of(x, falling);
    assertThat(up.method()).isEqualTo(KendallTau.Method.NORMAL);
    assertThat(up.tau()).isEqualTo(0.8618171006458544, within(1e-14));
    assertThat(up.pValue()).isEqualTo(0.00019672984453705756, within(1e-15));
    assertThat(down.tau()).isEqualTo(-0.8292957006214825, within(1e-14));
    assertThat(down.pValue()).isEqualTo(0.0003400847787875219, within(1e-15));
  }

  @Test
  void variance_samplesWithTies_isThatOfAllPairings() {
    double[] x = {1, 1, 2, 3, 3, 3, 4};
    double[] y = {2, 2, 2, 1, 4, 4, 5};
    double[] differences =
        pairings(y).stream().mapToDouble(order -> differenceByPairs(x, order)).toArray();
    double mean = Arrays.stream(differences).average().orElseThrow();
    double variance =
        Arrays.stream(differences).map(s -> (s - mean) * (s - mean)).average().orElseThrow();
    assertThat(Concordance.of(x, y).variance()).isEqualTo(variance, within(1e-9));
  }

  @Test
  void tau_constantSample_isUndefinedAndFarFromSignificant() {
    KendallTau result = KendallTau.of(new double[] {1, 1, 1}, new double[] {1, 2, 3});
    assertThat(result.tau()).isNaN();
    assertThat(result.pValue()).isEqualTo(1);
    assertThat(result.significantlyPositive(0.05)).isFalse();
    assertThat(KendallTau.of(new double[0], new double[0]).tau()).isNaN();
  }

  @Test
  void tau_zeroOfEitherSign_countsAsATie() {
    double[] x = {0.0, -0.0, 1, 2};
    assertThat(KendallTau.of(x, new double[] {1, 2, 3, 4}).tau())
        .isEqualTo(tauByPairs(x, new double[] {1, 2, 3, 4}), within(1e-15));
  }

  @Test
  void tau_valuesThatAreNoNumbers_areRefused() {
    double[] good = {1, 2};
    assertThatThrownBy(() -> KendallTau.of(good, new double[] {1, Double.NaN}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> KendallTau.of(good, new double[] {1}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static double[] sample(SplittableRandom random, int n, int levels) {
    return random.ints(n, 0, levels).asDoubleStream().toArray();
  }

  private static double differenceByPairs(double[] x, double[] y) {
    double sum = 0;
    for (int a = 0; a < x.length; a++) {
      for (int b = 0; b < a; b++) {
        sum += Math.signum(x[a] - x[b]) * Math.signum(y[a] - y[b]);
      }
    }
    return sum;
  }

  private static double tauByPairs(double[] x, double[] y) {
    double first = 0;
    double second = 0;
    for (int a = 0; a < x.length; a++) {
      for (int b = 0; b < a; b++) {
        first += x[a] == x[b] ? 0 : 1;
        second += y[a] == y[b] ? 0 : 1;
      }
    }
    return differenceByPairs(x, y) / Math.sqrt(first * second);
  }

  /// All n! orders, equal ones as often as they come.
  private static List<double[]> pairings(double[] values) {
    List<double[]> all = new ArrayList<>();
    permute(values.clone(), 0, all);
    return all;
  }

  private static void permute(double[] values, int from, List<double[]> all) {
    if (from == values.length) {
      all.add(values.clone());
      return;
    }
    for (int k = from; k < values.length; k++) {
      swap(values, from, k);
      permute(values, from + 1, all);
      swap(values, from, k);
    }
  }

  private static void swap(double[] values, int a, int b) {
    double value = values[a];
    values[a] = values[b];
    values[b] = value;
  }

  private static double pByAllPairings(double[] x, double[] y) {
    double observed = Math.abs(differenceByPairs(x, y));
    return pairings(y).stream()
        .mapToInt(order -> Math.abs(differenceByPairs(x, order)) >= observed ? 1 : 0)
        .average()
        .orElseThrow();
  }
}
