package org.embedllm.app.ask;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ModelPairTest {
  private static final List<String> MODELS = List.of("a", "b", "c", "d", "e");

  @Test
  void pair_hasNoOrder() {
    assertThat(ModelPair.of("b", "a")).isEqualTo(ModelPair.of("a", "b"));
  }

  @Test
  void draw_doesNotDependOnTheOrderOfTheModels_orOnOthers() {
    for (int j = 0; j < 50; j++) {
      List<ModelPair> all = ModelPair.draw("q" + j, MODELS, Set.of(), 10);
      assertThat(ModelPair.draw("q" + j, MODELS.reversed(), Set.of(), 10)).isEqualTo(all);
      assertThat(ModelPair.draw("q" + j, List.of("a", "b", "d"), Set.of(), 10))
          .isEqualTo(
              all.stream()
                  .filter(p -> !Set.of("c", "e").contains(p.first()))
                  .filter(p -> !Set.of("c", "e").contains(p.second()))
                  .toList());
    }
  }

  @Test
  void draw_afterAnEarlierOne_addsWhatIsMissing() {
    List<ModelPair> before = ModelPair.draw("q", List.of("a", "b", "c"), Set.of(), 2);
    List<ModelPair> more = ModelPair.draw("q", MODELS, new HashSet<>(before), 3);
    assertThat(more).hasSize(1).doesNotContainAnyElementsOf(before);
    assertThat(ModelPair.draw("q", MODELS, new HashSet<>(before), 2)).isEmpty();
    assertThat(ModelPair.draw("q", MODELS, new HashSet<>(before), 1)).isEmpty();
    assertThat(ModelPair.draw("q", List.of("a"), Set.of(), 3)).isEmpty();
  }

  /// 1,000 draws of 3 of 10 pairs: each is expected 300 times, with a standard deviation of 14.5.
  @Test
  void draw_overManyQuestions_takesEachPairAsOften() {
    Map<ModelPair, Integer> counts = new HashMap<>();
    IntStream.range(0, 1000)
        .forEach(j ->
            ModelPair.draw("question " + j, MODELS, Set.of(), 3)
                .forEach(pair -> counts.merge(pair, 1, Integer::sum)));
    assertThat(counts).hasSize(10);
    assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(240, 360));
  }
}
