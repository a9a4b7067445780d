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

  private final List<Shingles> texts = new ArrayList<>();
  private final Map<Long, List<Integer>> byBand = new HashMap<>();

  private NearDuplicates() {}

  /// Group of each question: the smallest number of the questions that it is, through any chain, a
  /// near-duplicate of; its own number where there are none.
  ///
  /// @return [n]
  public static int[] groups(List<Question> questions) {
    NearDuplicates known = new NearDuplicates();
    int[] group = new int[questions.size()];
    Map<String, Integer> byText = HashMap.newHashMap(questions.size());
    List<Integer> added = new ArrayList<>(); // question of each text
    for (int j = 0; j < questions.size(); j++) {
      group[j] = j;
      Integer same = byText.putIfAbsent(questions.get(j).text(), j);
      if (same != null) {
        join(group, same, j);
        continue;
      }
      Shingles text = Shingles.of(questions.get(j).text());
      long[] bands = text.bands();
      for (int other : known.near(text, bands)) {
        join(group, added.get(other), j);
      }
      known.add(text, bands);
      added.add(j);
    }
    for (int j = 0; j < group.length; j++) {
      group[j] = root(group, j);
    }
    return group;
  }

  /// Which questions have a near-duplicate, or their very text, among others.
  ///
  /// @param asked [n]
  /// @return [n]
  public static boolean[] among(List<Question> asked, List<Question> others) {
    NearDuplicates known = new NearDuplicates();
    others.stream()
        .map(Question::text)
        .distinct()
        .map(Shingles::of)
        .forEach(text -> known.add(text, text.bands()));
    boolean[] near = new boolean[asked.size()];
    for (int j = 0; j < near.length; j++) {
      Shingles text = Shingles.of(asked.get(j).text());
      near[j] = !known.near(text, text.bands()).isEmpty();
    }
    return near;
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

  private void add(Shingles text, long[] bands) {
    for (long band : bands) {
      byBand.computeIfAbsent(band, key -> new ArrayList<>(1)).add(texts.size());
    }
    texts.add(text);
  }

  /// Numbers of the added texts that are near-duplicates of a text.
  private List<Integer> near(Shingles text, long[] bands) {
    List<Integer> near = new ArrayList<>();
    int[] candidates =
        Arrays.stream(bands)
            .mapToObj(band -> byBand.getOrDefault(band, List.of()))
            .flatMap(list -> list.stream().limit(MOST_COMPARED))
            .mapToInt(Integer::intValue)
            .distinct()
            .toArray();
    for (int other : candidates) {
      if (text.similarity(texts.get(other)) >= THRESHOLD) {
        near.add(other);
      }
    }
    return near;
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
