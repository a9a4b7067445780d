package org.embedllm.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.embedllm.source.ConflictRule;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Settles random answers and compares with a map of lists, the plain way to do it.
class AnswerCellsTest {
  private record Cell(int question, int model) {}

  @ParameterizedTest
  @EnumSource(ConflictRule.class)
  void settle_anyRule_agreesWithAMapOfLists(ConflictRule rule) {
    for (int seed = 0; seed < 30; seed++) {
      Random random = new Random(seed);
      int n = 1 + random.nextInt(20);
      int m = 1 + random.nextInt(6);
      AnswerCells cells = new AnswerCells();
      Map<Cell, List<Float>> naive = new LinkedHashMap<>();
      int answers = random.nextInt(400);
      for (int a = 0; a < answers; a++) {
        Cell cell = new Cell(random.nextInt(n), random.nextInt(m));
        float score = random.nextInt(3) == 0 ? random.nextFloat() : random.nextInt(2);
        cells.add(cell.question(), cell.model(), score);
        naive.computeIfAbsent(cell, c -> new ArrayList<>()).add(score);
      }
      int[] questionRank = permutation(n, random);
      int[] modelRank = permutation(m, random);

      SettledCells settled = cells.settle(questionRank, modelRank, rule);

      Map<Cell, Float> expected = new LinkedHashMap<>();
      naive.forEach((cell, scores) -> {
        float score = settle(rule, scores);
        if (!Float.isNaN(score)) {
          expected.put(new Cell(questionRank[cell.question()], modelRank[cell.model()]), score);
        }
      });
      assertThat(cellsOf(settled)).isEqualTo(expected);
      assertThat(settled.conflicts())
          .isEqualTo(
              naive.values().stream().filter(s -> s.stream().distinct().count() > 1).count());
    }
  }

  private static float settle(ConflictRule rule, List<Float> scores) {
    if (scores.stream().distinct().count() == 1) {
      return scores.getFirst();
    }
    long right = scores.stream().filter(s -> s >= 0.5f).count();
    long wrong = scores.size() - right;
    return switch (rule) {
      case MEAN -> (float) scores.stream().mapToDouble(s -> s).average().orElseThrow();
      case MAJORITY -> right > wrong ? 1f : right < wrong ? 0f : Float.NaN;
      case FIRST, ERROR -> scores.getFirst();
    };
  }

  private static Map<Cell, Float> cellsOf(SettledCells settled) {
    Map<Cell, Float> cells = new LinkedHashMap<>();
    for (int j = 0; j + 1 < settled.offsets().length; j++) {
      for (int c = settled.offsets()[j]; c < settled.offsets()[j + 1]; c++) {
        cells.put(new Cell(j, settled.models()[c]), settled.scores()[c]);
        assertThat(c == settled.offsets()[j] || settled.models()[c - 1] < settled.models()[c])
            .isTrue();
      }
    }
    return cells;
  }

  private static int[] permutation(int size, Random random) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      order.add(random.nextInt(i + 1), i);
    }
    return order.stream().mapToInt(i -> i).toArray();
  }
}
