package org.embedllm.correctness;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.embedllm.storage.Sha256;

/// Which part each question belongs to. Immutable.
public final class QuestionSplit {
  private final SplitPart[] parts; // [n]

  private QuestionSplit(SplitPart[] parts) {
    this.parts = parts;
  }

  /// A split that a source brings.
  ///
  /// @param parts a part for each question, in question order
  public static QuestionSplit of(List<SplitPart> parts) {
    return new QuestionSplit(parts.toArray(SplitPart[]::new));
  }

  /// A seeded split that keeps questions of one text together.
  ///
  /// Questions are ordered by the SHA-256 of `seed:text`; the first `train` of them (rounded)
  /// train, the next `validation` validate, the rest test. Identical texts across a border go to
  /// the earlier part.
  ///
  /// @param train fraction of the questions, in (0, 1]
  /// @param validation fraction of the questions, `train + validation` at most 1
  public static QuestionSplit seeded(
      List<Question> questions, double train, double validation, long seed) {
    return seededByGroup(questions, train, validation, seed, Question::text);
  }

  /// Like [#seeded], and keeps questions of one group together.
  ///
  /// @param group names the group of a question: its text, its document, its author
  public static QuestionSplit seededByGroup(
      List<Question> questions,
      double train,
      double validation,
      long seed,
      Function<Question, String> group) {
    if (!(train > 0 && validation >= 0 && train + validation <= 1 + 1e-9)) {
      throw new IllegalArgumentException(
          "split fractions must be positive and sum to at most 1; got %s and %s"
              .formatted(train, validation));
    }
    record Keyed(int question, String key) {}
    List<Keyed> order = new ArrayList<>(questions.size());
    for (int j = 0; j < questions.size(); j++) {
      order.add(new Keyed(j, Sha256.of(seed + ":" + group.apply(questions.get(j)))));
    }
    order.sort(Comparator.comparing(Keyed::key).thenComparingInt(Keyed::question));
    SplitPart[] parts = new SplitPart[questions.size()];
    long trainEnd = Math.round(train * parts.length);
    long validationEnd = Math.round((train + validation) * parts.length);
    for (int rank = 0; rank < order.size(); rank++) {
      Keyed keyed = order.get(rank);
      boolean sameAsBefore = rank > 0 && order.get(rank - 1).key().equals(keyed.key());
      SplitPart part =
          rank < trainEnd
              ? SplitPart.TRAIN
              : rank < validationEnd ? SplitPart.VALIDATION : SplitPart.TEST;
      parts[keyed.question()] = sameAsBefore ? parts[order.get(rank - 1).question()] : part;
    }
    return new QuestionSplit(parts);
  }

  /// n, the number of questions.
  public int questionCount() {
    return parts.length;
  }

  public SplitPart part(int question) {
    return parts[question];
  }

  /// The questions of a part, ascending.
  public int[] questions(SplitPart part) {
    int[] all = new int[parts.length];
    int count = 0;
    for (int j = 0; j < parts.length; j++) {
      if (parts[j] == part) {
        all[count++] = j;
      }
    }
    return Arrays.copyOf(all, count);
  }
}
