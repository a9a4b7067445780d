package org.embedllm.correctness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QuestionSplitTest {
  private static List<Question> questions(int count) {
    return IntStream.range(0, count)
        .mapToObj(j -> new Question("id" + j, "text " + j, "b" + j % 3))
        .toList();
  }

  @Test
  void split_ofDistinctTexts_hasTheAskedSizes() {
    QuestionSplit split = QuestionSplit.seeded(questions(1000), 0.8, 0.1, 7);

    assertThat(split.questions(SplitPart.TRAIN)).hasSize(800);
    assertThat(split.questions(SplitPart.VALIDATION)).hasSize(100);
    assertThat(split.questions(SplitPart.TEST)).hasSize(100);
  }

  @Test
  void split_ordersQuestionsBySha256OfSeedAndText() throws Exception {
    List<Question> questions = questions(200);
    List<Integer> order = new ArrayList<>(IntStream.range(0, 200).boxed().toList());
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    order.sort(
        Comparator.comparing(j ->
            new BigInteger(
                1,
                sha256.digest(("3:" + questions.get(j).text()).getBytes(StandardCharsets.UTF_8)))));

    QuestionSplit split = QuestionSplit.seeded(questions, 0.5, 0.25, 3);

    for (int rank = 0; rank < 200; rank++) {
      assertThat(split.part(order.get(rank)))
          .isEqualTo(
              rank < 100 ? SplitPart.TRAIN : rank < 150 ? SplitPart.VALIDATION : SplitPart.TEST);
    }
  }

  @Test
  void split_ofTheSameTexts_doesNotDependOnTheirOrder() {
    List<Question> questions = questions(300);
    List<Question> reversed = questions.reversed();

    QuestionSplit split = QuestionSplit.seeded(questions, 0.8, 0.1, 0);
    QuestionSplit ofReversed = QuestionSplit.seeded(reversed, 0.8, 0.1, 0);

    for (int j = 0; j < 300; j++) {
      assertThat(ofReversed.part(299 - j)).isEqualTo(split.part(j));
    }
  }

  @Test
  void split_withRepeatedTexts_keepsEachTextInOnePart() {
    List<Question> questions =
        IntStream.range(0, 500).mapToObj(j -> new Question("" + j, "text " + j % 60, "")).toList();

    QuestionSplit split = QuestionSplit.seeded(questions, 0.6, 0.2, 1);

    for (int j = 60; j < 500; j++) {
      assertThat(split.part(j)).isEqualTo(split.part(j % 60));
    }
  }

  @Test
  void split_byGroup_keepsEachGroupInOnePart() {
    List<Question> questions = questions(90);

    QuestionSplit split = QuestionSplit.seededByGroup(questions, 0.5, 0.2, 1, Question::benchmark);

    for (int j = 3; j < 90; j++) {
      assertThat(split.part(j)).isEqualTo(split.part(j % 3));
    }
  }

  @Test
  void split_withAnotherSeed_differs() {
    assertThat(QuestionSplit.seeded(questions(300), 0.5, 0.1, 1).questions(SplitPart.TRAIN))
        .isNotEqualTo(QuestionSplit.seeded(questions(300), 0.5, 0.1, 2).questions(SplitPart.TRAIN));
  }

  @Test
  void split_withSharesAboveOne_isRefused() {
    assertThatThrownBy(() -> QuestionSplit.seeded(questions(10), 0.9, 0.2, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0.9");
  }
}
