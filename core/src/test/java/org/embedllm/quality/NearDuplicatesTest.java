package org.embedllm.quality;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.junit.jupiter.api.Test;

class NearDuplicatesTest {
  private static Question question(int number, String text) {
    return new Question("q" + number, text, "b");
  }

  private static String words(Random random, int count) {
    StringBuilder text = new StringBuilder();
    for (int w = 0; w < count; w++) {
      text.append("w").append(random.nextInt(3000)).append(' ');
    }
    return text.toString();
  }

  /// The plain way: all runs of three words as strings.
  private static double jaccard(String a, String b) {
    Set<String> runsA = runs(a);
    Set<String> runsB = runs(b);
    Set<String> both = new HashSet<>(runsA);
    both.retainAll(runsB);
    Set<String> any = new HashSet<>(runsA);
    any.addAll(runsB);
    return (double) both.size() / any.size();
  }

  private static Set<String> runs(String text) {
    String[] words = text.strip().split(" ");
    Set<String> runs = new HashSet<>();
    for (int i = 0; i + 3 <= words.length; i++) {
      runs.add(words[i] + " " + words[i + 1] + " " + words[i + 2]);
    }
    return runs;
  }

  @Test
  void pairs_ofRandomTexts_areThoseOfJaccard() {
    Random random = new Random(1);
    List<Question> questions = new ArrayList<>();
    for (int pair = 0; pair < 200; pair++) {
      String[] words = words(random, 60).split(" ");
      questions.add(question(2 * pair, String.join(" ", words)));
      for (int changes = random.nextInt(8); changes > 0; changes--) {
        words[random.nextInt(words.length)] = "other" + changes;
      }
      questions.add(question(2 * pair + 1, String.join(" ", words)));
    }

    int[] groups = NearDuplicates.groups(questions);

    int missed = 0;
    for (int pair = 0; pair < 200; pair++) {
      boolean near =
          jaccard(questions.get(2 * pair).text(), questions.get(2 * pair + 1).text())
              >= NearDuplicates.THRESHOLD;
      boolean found = groups[2 * pair + 1] == 2 * pair;
      assertThat(found && !near).as("pair %d", pair).isFalse();
      assertThat(groups[2 * pair]).isEqualTo(2 * pair);
      missed += near && !found ? 1 : 0;
    }
    // A pair at the threshold shares a band with probability 1 - (1 - 0.8^4)^16 > 0.999.
    assertThat(missed).isZero();
  }

  @Test
  void text_thatDiffersInCaseAndPunctuation_isANearDuplicate() {
    List<Question> questions =
        List.of(
            question(0, "Which of these rivers flows past the old town of Bern?"),
            question(1, "which of these rivers flows past the old town of Bern"),
            question(2, "Name the highest mountain of the southern hemisphere, in metres."),
            question(3, "Short"),
            question(4, "short!"));

    assertThat(NearDuplicates.groups(questions)).containsExactly(0, 0, 2, 3, 3);
  }

  @Test
  void count_acrossTheSplit_isThatOfQuestionsOutsideTraining() {
    Random random = new Random(2);
    String one = words(random, 30);
    String two = words(random, 30);
    List<Question> questions =
        List.of(question(0, one), question(1, one), question(2, two), question(3, two.strip()));
    QuestionSplit split =
        QuestionSplit.of(
            List.of(SplitPart.TRAIN, SplitPart.TEST, SplitPart.VALIDATION, SplitPart.TEST));

    assertThat(NearDuplicates.acrossSplit(questions, split)).isEqualTo(1);
  }
}
