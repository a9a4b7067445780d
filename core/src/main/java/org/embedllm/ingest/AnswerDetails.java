package org.embedllm.ingest;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.embedllm.correctness.CellMeasures;
import org.embedllm.correctness.MeanScore;
import org.embedllm.correctness.Measure;
import org.embedllm.source.ConflictRule;

/// What is known of answers beside their scores, by their number in reading order. A measure takes
/// memory from the first answer on that has it.
final class AnswerDetails {
  private final Map<Measure, double[]> measures = new EnumMap<>(Measure.class);
  private int[] outputs = {};
  private int[] sourceStarts = new int[16]; // number of the first answer of each source
  private int sources;

  void add(int answer, Map<Measure, Double> values, int output) {
    values.forEach((measure, value) -> {
      double[] column = measures.getOrDefault(measure, new double[0]);
      if (answer >= column.length) {
        int before = column.length;
        column = Arrays.copyOf(column, Math.max(1 << 12, answer + (answer >> 1) + 1));
        Arrays.fill(column, before, column.length, Double.NaN);
        measures.put(measure, column);
      }
      column[answer] = value;
    });
    if (output >= 0) {
      if (answer >= outputs.length) {
        int before = outputs.length;
        outputs = Arrays.copyOf(outputs, Math.max(1 << 12, answer + (answer >> 1) + 1));
        Arrays.fill(outputs, before, outputs.length, -1);
      }
      outputs[answer] = output;
    }
  }

  void beginSource(int firstAnswer) {
    if (sources == sourceStarts.length) {
      sourceStarts = Arrays.copyOf(sourceStarts, 2 * sources);
    }
    sourceStarts[sources++] = firstAnswer;
  }

  boolean hasRepeats() {
    return measures.containsKey(Measure.REPEATS);
  }

  /// Number of answers that an answer is the mean of.
  double repeats(int answer) {
    double value = value(Measure.REPEATS, answer);
    return Double.isNaN(value) ? 1 : value;
  }

  private double value(Measure measure, int answer) {
    double[] column = measures.get(measure);
    return column == null || answer >= column.length ? Double.NaN : column[answer];
  }

  /// Number of the source that an answer is from.
  int source(int answer) {
    int place = Arrays.binarySearch(sourceStarts, 0, sources, answer);
    return place >= 0 ? place : -place - 2;
  }

  /// Whether an answer says how many it is the mean of.
  private boolean statesRepeats(int answer) {
    return !Double.isNaN(value(Measure.REPEATS, answer));
  }

  /// @param scores by answer; NaN where there is none
  /// @param cells an upper bound of the number of cells
  Settled settling(float[] scores, int cells, ConflictRule rule) {
    return new Settled(scores, cells, rule);
  }

  /// The details of cells, each of one or more answers.
  final class Settled {
    private final float[] scores;
    private final int capacity;
    private final boolean firstCounts;
    private final boolean ofMeans; // whether a cell's score is the mean of its answers
    private final Map<Measure, double[]> columns = new EnumMap<>(Measure.class);
    private final int[] texts;

    private Settled(float[] scores, int cells, ConflictRule rule) {
      this.scores = scores;
      this.capacity = cells;
      this.firstCounts = rule == ConflictRule.FIRST;
      this.ofMeans = rule != ConflictRule.MAJORITY;
      measures.keySet().forEach(this::column);
      this.texts = new int[outputs.length == 0 ? 0 : cells];
    }

    private double[] column(Measure measure) {
      return columns.computeIfAbsent(
          measure,
          m -> {
            double[] column = new double[capacity];
            Arrays.fill(column, Double.NaN);
            return column;
          });
    }

    /// @param keys the lower 32 bits of `keys[from]` up to, not including, `keys[to]` are the
    ///   numbers of the cell's answers, in reading order
    void settle(int cell, long[] keys, int from, int to) {
      for (Measure measure : measures.keySet()) {
        if (measure != Measure.REPEATS && measure != Measure.SCORE_VARIANCE) {
          column(measure)[cell] = mean(measure, keys, from, to);
        }
      }
      if (to - from > 1 || hasRepeats()) {
        MeanScore merged = merged(keys, from, to);
        if (merged.repeats() > 0 && merged.repeats() != 1) {
          column(Measure.REPEATS)[cell] = merged.repeats();
        }
        if (ofMeans && !Double.isNaN(merged.variance())) {
          column(Measure.SCORE_VARIANCE)[cell] = merged.variance();
        }
      }
      if (texts.length > 0) {
        texts[cell] = firstText(keys, from, to);
      }
    }

    /// The mean over the answers that have the measure, or NaN; the first of them where only the
    /// first answer counts.
    private double mean(Measure measure, long[] keys, int from, int to) {
      double sum = 0;
      int known = 0;
      for (int k = from; k < to && !(firstCounts && known > 0); k++) {
        double value = value(measure, (int) keys[k]);
        if (!Double.isNaN(value)) {
          sum += value;
          known++;
        }
      }
      return known == 0 ? Double.NaN : sum / known;
    }

    /// Two sources may have the same answers: the one that has more of them counts, of two with as
    /// many the one that says how far they are apart. An answer without a score counts where it
    /// says of how many it is and no answer of the cell has a score.
    private MeanScore merged(long[] keys, int from, int to) {
      MeanScore most = new MeanScore();
      MeanScore own = most;
      int source = -1;
      boolean scored = scored(keys, from, to);
      for (int k = from; k < to && !(firstCounts && most.repeats() > 0); k++) {
        int answer = (int) keys[k];
        if (Float.isNaN(scores[answer]) && (scored || firstCounts || !statesRepeats(answer))) {
          continue;
        }
        own = source(answer) == source ? own : new MeanScore();
        source = source(answer);
        own.add(scores[answer], repeats(answer), value(Measure.SCORE_VARIANCE, answer));
        if (own.repeats() > most.repeats()
            || (own.repeats() == most.repeats() && Double.isNaN(most.variance()))) {
          most = own;
        }
      }
      return most;
    }

    private boolean scored(long[] keys, int from, int to) {
      for (int k = from; k < to; k++) {
        if (!Float.isNaN(scores[(int) keys[k]])) {
          return true;
        }
      }
      return false;
    }

    private int firstText(long[] keys, int from, int to) {
      for (int k = from; k < to; k++) {
        int answer = (int) keys[k];
        if (answer < outputs.length && outputs[answer] >= 0) {
          return outputs[answer];
        }
      }
      return -1;
    }

    /// @param cells number of cells that were settled
    CellMeasures measures(int cells) {
      Map<Measure, double[]> cut = new EnumMap<>(Measure.class);
      columns.forEach((measure, column) -> cut.put(measure, Arrays.copyOf(column, cells)));
      return CellMeasures.of(cut);
    }

    /// `[cells]` number of each cell's text, or -1; empty where there are no texts.
    int[] outputs(int cells) {
      return Arrays.copyOf(texts, Math.min(texts.length, cells));
    }
  }
}
