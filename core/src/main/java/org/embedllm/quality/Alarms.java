package org.embedllm.quality;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Vote;
import org.embedllm.itemresponse.LabelSuspects;

/// Raises the alarms of a data set.
public final class Alarms {
  /// With fewer answers, all right or all wrong is no wonder.
  private static final int LEAST_ANSWERS = 10;

  /// Questions that two models must share before their agreement means anything.
  private static final int LEAST_SHARED = 20;

  private static final int MOST_NAMED = 5;

  private final EvaluationData data;
  private final CorrectnessMatrix matrix;
  private final AccuracyTable table;
  private final List<Alarm> alarms = new ArrayList<>();

  private Alarms(EvaluationData data, AccuracyTable table) {
    this.data = data;
    this.matrix = data.matrix();
    this.table = table;
  }

  /// All alarms of some data, by kind, without that of near-duplicates.
  ///
  /// @param table accuracy by model and benchmark, of the same data
  /// @param contradictions (model, question) pairs that two sources score differently
  public static List<Alarm> of(EvaluationData data, AccuracyTable table, long contradictions) {
    Alarms alarms = new Alarms(data, table);
    alarms.benchmarks();
    alarms.models();
    if (contradictions > 0) {
      alarms.raise(
          Alarm.Kind.CONTRADICTION,
          "%,d (model, question) %s different scores in different sources",
          contradictions,
          contradictions == 1 ? "pair has" : "pairs have");
    }
    alarms.keys();
    alarms.identicalModels();
    return List.copyOf(alarms.alarms);
  }

  /// The alarm of near-duplicates across the split, where there are some.
  ///
  /// @param count questions of validation and test with a near-duplicate in training
  public static Optional<Alarm> ofNearDuplicates(int count) {
    return count == 0
        ? Optional.empty()
        : Optional.of(
            new Alarm(
                Alarm.Kind.NEAR_DUPLICATES,
                "%,d %s of validation and test %s a near-duplicate in training; --group similar keeps such questions together"
                    .formatted(
                        count,
                        count == 1 ? "question" : "questions",
                        count == 1 ? "has" : "have")));
  }

  private void raise(Alarm.Kind kind, String format, Object... arguments) {
    alarms.add(new Alarm(kind, format.formatted(arguments)));
  }

  private void benchmarks() {
    for (AccuracyTable.Entry entry : table.byBenchmark()) {
      String name = entry.benchmark().isEmpty() ? "without a name" : entry.benchmark();
      if (entry.cells() >= LEAST_ANSWERS && entry.right() == 0) {
        raise(
            Alarm.Kind.ALL_WRONG,
            "benchmark %s: all %,d answers are wrong; is its key, or the extraction of answers, right?",
            name,
            entry.cells());
      }
      if (entry.cells() >= LEAST_ANSWERS && entry.right() == entry.cells()) {
        raise(
            Alarm.Kind.ALL_RIGHT,
            "benchmark %s: all %,d answers are right; it tells models apart nowhere",
            name,
            entry.cells());
      }
    }
  }

  private void models() {
    BitSet voted = new BitSet();
    for (Vote vote : data.votes()) {
      voted.set(vote.modelA());
      voted.set(vote.modelB());
    }
    for (int i = 0; i < table.models().size(); i++) {
      AccuracyTable.Entry all = table.ofModel(i);
      if (all.cells() == 0 && !voted.get(i)) {
        raise(Alarm.Kind.MISSING_ANSWERS, "model %s has no scored answer", table.models().get(i));
      }
      boolean constant = all.right() == 0 || all.right() == all.cells();
      if (all.cells() >= LEAST_ANSWERS && constant) {
        raise(
            Alarm.Kind.CONSTANT_MODEL,
            "model %s: all %,d answers are %s",
            table.models().get(i),
            all.cells(),
            all.right() == 0 ? "wrong" : "right");
      }
    }
  }

  private void keys() {
    LabelSuspects found = LabelSuspects.of(matrix);
    List<LabelSuspects.Suspect> suspects = found.suspects();
    if (!suspects.isEmpty()) {
      long mistaken = Math.round(found.expectedRightKeys());
      String first =
          suspects.stream()
              .limit(MOST_NAMED)
              .map(suspect -> shortened(matrix.questions().get(suspect.question()).id()))
              .collect(Collectors.joining(", "));
      raise(
          Alarm.Kind.WRONG_KEY,
          "%,d %s right less often the better the model is, so the key may be wrong: %s%s%s (inspect --suspects lists them)",
          suspects.size(),
          suspects.size() == 1 ? "question is answered" : "questions are answered",
          first,
          suspects.size() > MOST_NAMED ? ", …" : "",
          mistaken == 0 ? "" : "; about %,d of them by chance".formatted(mistaken));
    }
  }

  private static String shortened(String id) {
    return id.length() <= 40 ? id : id.substring(0, 39) + "…";
  }

  private void identicalModels() {
    int m = matrix.modelCount();
    BitSet[] observed = new BitSet[m];
    BitSet[] right = new BitSet[m];
    for (int i = 0; i < m; i++) {
      observed[i] = new BitSet(matrix.questionCount());
      right[i] = new BitSet(matrix.questionCount());
    }
    for (int j = 0; j < matrix.questionCount(); j++) {
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        observed[matrix.cellModel(c)].set(j);
        right[matrix.cellModel(c)].set(j, CorrectnessMatrix.isCorrect(matrix.cellScore(c)));
      }
    }
    BitSet named = new BitSet();
    for (int a = 0; a < m; a++) {
      List<String> same = new ArrayList<>(List.of(matrix.models().get(a)));
      int fewest = Integer.MAX_VALUE;
      for (int b = named.get(a) ? m : a + 1; b < m; b++) {
        int shared = identical(observed[a], right[a], observed[b], right[b]);
        if (shared > 0) {
          same.add(matrix.models().get(b));
          named.set(b);
          fewest = Math.min(fewest, shared);
        }
      }
      if (same.size() > 1) {
        raise(
            Alarm.Kind.IDENTICAL_MODELS,
            "models %s are right and wrong on the same of %,d questions; are they one model?",
            String.join(", ", same),
            fewest);
      }
    }
  }

  /// How many questions two models share, where they agree on all of them and that says something;
  /// else 0.
  private static int identical(BitSet observedA, BitSet rightA, BitSet observedB, BitSet rightB) {
    if (observedA.cardinality() < LEAST_SHARED || observedB.cardinality() < LEAST_SHARED) {
      return 0;
    }
    BitSet shared = (BitSet) observedA.clone();
    shared.and(observedB);
    BitSet differing = (BitSet) rightA.clone();
    differing.xor(rightB);
    if (differing.intersects(shared)) {
      return 0;
    }
    BitSet bothRight = (BitSet) rightA.clone();
    bothRight.and(shared);
    int count = shared.cardinality();
    boolean constant = bothRight.isEmpty() || bothRight.cardinality() == count;
    return count < LEAST_SHARED || constant ? 0 : count;
  }
}
