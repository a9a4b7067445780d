package org.embedllm.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class CommunityProbeTest {
  private static final Community EVENS = new Community("evens", List.of("even"));

  @Test
  void test_smallPool_comparesWithEveryOtherSetOfThatSize() {
    List<String> models = names(11);
    FloatMatrix embeddings = random(11, 4, 3);
    ModelDistances distances = ModelDistances.of(models, embeddings);
    var finding = new CommunityProbe(10_000, 0).test(distances, List.of(EVENS)).getFirst();
    int[] members = EVENS.members(models);
    double observed = difference(embeddings, members);
    List<int[]> sets = subsets(11, members.length);
    long extreme =
        sets.stream().filter(set -> difference(embeddings, set) >= observed - 1e-12).count();
    assertThat(finding.inter() - finding.intra()).isEqualTo(observed, within(1e-9));
    assertThat(finding.pValue()).isEqualTo((double) extreme / sets.size(), within(1e-12));
  }

  @Test
  void test_randomSets_comeNearTheExactPValue() {
    ModelDistances distances = ModelDistances.of(names(14), random(14, 3, 8));
    double exact = new CommunityProbe(100_000, 0).test(distances, List.of(EVENS)).get(0).pValue();
    double sampled = new CommunityProbe(3_000, 1).test(distances, List.of(EVENS)).get(0).pValue();
    assertThat(sampled).isNotEqualTo(exact).isEqualTo(exact, within(0.04));
    assertThat(new CommunityProbe(3_000, 1).test(distances, List.of(EVENS)).get(0).pValue())
        .isEqualTo(sampled);
  }

  @Test
  void test_plantedCommunity_isFound() {
    FloatMatrix embeddings = random(40, 6, 2);
    float[] values = embeddings.toArray();
    for (int member : EVENS.members(names(40))) {
      values[member * 6] += 3;
    }
    var distances = ModelDistances.of(names(40), FloatMatrix.wrap(40, 6, values));
    var finding = new CommunityProbe(2_000, 0).test(distances, List.of(EVENS)).getFirst();
    assertThat(finding.intra()).isLessThan(finding.inter());
    assertThat(finding.pValue()).isLessThan(0.01);
  }

  @Test
  void test_nobodyOrEverybody_isNotMeasurable() {
    ModelDistances distances = ModelDistances.of(names(4), random(4, 2, 1));
    var probe = new CommunityProbe(10, 0);
    var nobody = probe.test(distances, List.of(new Community("x", List.of("nothing")))).getFirst();
    var all = probe.test(distances, List.of(new Community("y", List.of("m*")))).getFirst();
    assertThat(nobody.measurable()).isFalse();
    assertThat(nobody.models()).isEmpty();
    assertThat(all.measurable()).isFalse();
    assertThat(all.intra()).isFinite();
  }

  @Test
  void community_keywords_matchWholeWordsOfTheName() {
    Community seven = Community.PAPER.getFirst();
    assertThat(List.of("Llama-2-7b-hf", "Mistral-7B-v0.1", "meta-llama__Llama-2-7b", "x.7B"))
        .allMatch(seven::contains);
    assertThat(List.of("Mixtral-8x7B-v0.1", "Llama-67b", "Qwen-1.7B", "bloom-7b1", "7Bx2"))
        .noneMatch(seven::contains);
    Community coding = Community.PAPER.get(3);
    assertThat(List.of("DeepSeek-Coder-V2", "codellama/CodeLlama-7b", "bigcode/octocoder"))
        .allMatch(coding::contains);
    Community medical = Community.PAPER.get(4);
    assertThat(List.of("BioMistral-7B", "Writer/palmyra-med-20b", "AdaptLLM/medicine-chat"))
        .allMatch(medical::contains);
    assertThat(medical.contains("Phi-3-medium-4k")).isFalse();
    assertThatThrownBy(() -> new Community("bad", List.of("two words")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void distances_threePoints_areEuclidean() {
    ModelDistances distances =
        ModelDistances.of(
            List.of("a", "b", "c"), FloatMatrix.wrap(3, 2, new float[] {0, 0, 3, 4, 0, 1}));
    assertThat(distances.distance(0, 1)).isEqualTo(5, within(1e-12));
    assertThat(distances.nearest(0)).containsExactly(2, 1);
    assertThat(distances.median()).isEqualTo(Math.sqrt(18), within(1e-12));
  }

  private static List<String> names(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "m" + i + (i % 2 == 0 ? "-even" : "-odd"))
        .toList();
  }

  private static FloatMatrix random(int rows, int columns, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[rows * columns];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) random.nextGaussian();
    }
    return FloatMatrix.wrap(rows, columns, values);
  }

  private static double difference(FloatMatrix embeddings, int[] members) {
    List<Integer> inside = IntStream.of(members).boxed().toList();
    double intra = 0;
    double inter = 0;
    int intraPairs = 0;
    int interPairs = 0;
    for (int a = 0; a < embeddings.rows(); a++) {
      for (int b = 0; b < a; b++) {
        double squares = 0;
        for (int k = 0; k < embeddings.columns(); k++) {
          squares += Math.pow(embeddings.get(a, k) - (double) embeddings.get(b, k), 2);
        }
        if (inside.contains(a) && inside.contains(b)) {
          intra += Math.sqrt(squares);
          intraPairs++;
        } else if (inside.contains(a) || inside.contains(b)) {
          inter += Math.sqrt(squares);
          interPairs++;
        }
      }
    }
    return inter / interPairs - intra / intraPairs;
  }

  private static List<int[]> subsets(int n, int size) {
    List<int[]> all = new ArrayList<>();
    for (int bits = 0; bits < 1 << n; bits++) {
      if (Integer.bitCount(bits) == size) {
        int set = bits;
        all.add(IntStream.range(0, n).filter(i -> (set >> i & 1) == 1).toArray());
      }
    }
    return all;
  }
}
