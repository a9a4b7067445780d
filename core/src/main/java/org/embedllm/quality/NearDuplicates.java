package org.embedllm.quality;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;

/// Questions whose texts are nearly the same: at least four fifths of their runs of three words are
/// common. Candidates come from locality-sensitive hashing; every pair that counts was compared.
public final class NearDuplicates {
  /// From which similarity on two texts are near-duplicates.
  public static final double THRESHOLD = 0.8;

  /// A text is compared with this many of those that share a key with it; templates can make many.
  private static final int MOST_COMPARED = 40;

  /// Bits of a key that hold the number of the text.
  private static final int NUMBER_BITS = 24;

  private static final long NUMBER = (1L << NUMBER_BITS) - 1;

  private final Shingles[] texts;
  private final long[] keys; // sorted: a band above the number of a text that has it

  private NearDuplicates(List<String> all) {
    if (all.size() > NUMBER) {
      throw new IllegalArgumentException("there are more than 16 million different texts");
    }
    texts = all.stream().map(Shingles::of).toArray(Shingles[]::new);
    keys = new long[texts.length * Shingles.BANDS];
    for (int text = 0; text < texts.length; text++) {
      long[] bands = texts[text].bands();
      for (int band = 0; band < bands.length; band++) {
        keys[text * bands.length + band] = (bands[band] & ~NUMBER) | text;
      }
    }
    Arrays.sort(keys);
  }

  /// Group of each question: the smallest number of the questions that it is, through any chain, a
  /// near-duplicate of; its own number where there are none.
  ///
  /// @return `[n]`
  public static int[] groups(List<Question> questions) {
    int[] group = IntStream.range(0, questions.size()).toArray();
    Map<String, Integer> byText = HashMap.newHashMap(questions.size());
    List<String> different = new ArrayList<>();
    List<Integer> first = new ArrayList<>(); // question of each different text
    for (int j = 0; j < group.length; j++) {
      Integer same = byText.putIfAbsent(questions.get(j).text(), j);
      if (same == null) {
        different.add(questions.get(j).text());
        first.add(j);
      } else {
        group[j] = same;
      }
    }
    NearDuplicates known = new NearDuplicates(different);
    for (int at = 0; at < known.keys.length; ) {
      int end = at + 1;
      while (end < known.keys.length && (known.keys[at] & ~NUMBER) == (known.keys[end] & ~NUMBER)) {
        end++;
      }
      known.joinRun(at, end, first, group);
      at = end;
    }
    for (int j = 0; j < group.length; j++) {
      group[j] = root(group, j);
    }
    return group;
  }

  /// Joins the near-duplicates among texts that share a band.
  private void joinRun(int from, int to, List<Integer> first, int[] group) {
    for (int i = from + 1; i < to; i++) {
      int a = (int) (keys[i] & NUMBER);
      for (int k = Math.max(from, i - MOST_COMPARED); k < i; k++) {
        int b = (int) (keys[k] & NUMBER);
        if (root(group, first.get(a)) != root(group, first.get(b))
            && texts[a].similarity(texts[b]) >= THRESHOLD) {
          join(group, first.get(a), first.get(b));
        }
      }
    }
  }

  /// Which questions have a near-duplicate, or their very text, among others.
  ///
  /// @param asked `[n]`
  /// @return `[n]`
  public static boolean[] among(List<Question> asked, List<Question> others) {
    NearDuplicates known =
        new NearDuplicates(others.stream().map(Question::text).distinct().toList());
    boolean[] near = new boolean[asked.size()];
    for (int j = 0; j < near.length; j++) {
      near[j] = known.has(Shingles.of(asked.get(j).text()));
    }
    return near;
  }

  /// Whether some text is a near-duplicate of another one.
  private boolean has(Shingles text) {
    for (long band : text.bands()) {
      int at = Arrays.binarySearch(keys, band & ~NUMBER);
      at = at < 0 ? -at - 1 : at;
      for (int compared = 0;
          at < keys.length && (keys[at] & ~NUMBER) == (band & ~NUMBER) && compared < MOST_COMPARED;
          at++, compared++) {
        if (text.similarity(texts[(int) (keys[at] & NUMBER)]) >= THRESHOLD) {
          return true;
        }
      }
    }
    return false;
  }

  /// How many questions of validation and test have a near-duplicate in training.
  public static int acrossSplit(List<Question> questions, QuestionSplit split) {
    int[] training = split.questions(SplitPart.TRAIN);
    int[] held =
        IntStream.range(0, questions.size())
            .filter(j -> split.part(j) != SplitPart.TRAIN)
            .toArray();
    if (training.length == 0 || held.length == 0) {
      return 0;
    }
    boolean[] near = among(select(questions, held), select(questions, training));
    return (int) IntStream.range(0, near.length).filter(j -> near[j]).count();
  }

  private static List<Question> select(List<Question> questions, int[] which) {
    return Arrays.stream(which).mapToObj(questions::get).toList();
  }

  private static void join(int[] group, int a, int b) {
    int rootA = root(group, a);
    int rootB = root(group, b);
    group[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
  }

  private static int root(int[] group, int j) {
    int at = j;
    while (group[at] != at) {
      group[at] = group[group[at]];
      at = group[at];
    }
    return at;
  }
}
