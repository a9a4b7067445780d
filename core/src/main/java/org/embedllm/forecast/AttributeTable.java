package org.embedllm.forecast;

import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.question.AttributeEncoding;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.tensor.FloatMatrix;

/// What one can forecast without reading a text: each model's rate on the questions with the same
/// value of one attribute, shrunk towards its rate over all questions. Immutable.
///
/// With c right answers of n, `rate = (c + κ p) / (n + κ)`, p the model's rate over all questions.
/// Attribute and κ have the smallest log loss on the training answers, each forecast without
/// itself. A question whose value is not known, or was not seen, gets the rates over all questions.
public final class AttributeTable {
  private static final double[] STRENGTHS = {1, 2, 4, 8, 16, 32, 64};
  private static final double SMALLEST = 1e-6;

  private final AttributeEncoding encoding; // of one attribute
  private final FloatMatrix rates; // [m, 1 + V], over all questions first

  private AttributeTable(AttributeEncoding encoding, FloatMatrix rates) {
    this.encoding = encoding;
    this.rates = rates;
    if (encoding.codings().size() != 1 || rates.columns() != 1 + encoding.columns()) {
      throw new IllegalArgumentException(
          "%s are no rates by %s".formatted(rates, encoding.names()));
    }
  }

  /// As it was kept.
  ///
  /// @param attribute whose values the columns are
  /// @param rates [m, 1 + V], over all questions first
  public static AttributeTable of(AttributeEncoding.Coding attribute, FloatMatrix rates) {
    return new AttributeTable(AttributeEncoding.of(List.of(attribute)), rates);
  }

  /// The table of the attribute that forecasts training answers best; empty without attributes.
  public static Optional<AttributeTable> fit(CorrectnessMatrix train, AttributeEncoding all) {
    Optional<AttributeTable> best = Optional.empty();
    double least = Double.POSITIVE_INFINITY;
    for (AttributeEncoding.Coding coding : all.codings()) {
      Counts counts = Counts.of(train, AttributeEncoding.of(List.of(coding)));
      for (double strength : STRENGTHS) {
        double loss = counts.logLoss(strength);
        if (loss < least) {
          least = loss;
          best = Optional.of(counts.table(strength));
        }
      }
    }
    return best;
  }

  /// The attribute it goes by.
  public AttributeEncoding.Coding attribute() {
    return encoding.codings().getFirst();
  }

  /// [m, 1 + V], the rates over all questions first.
  public FloatMatrix rates() {
    return rates;
  }

  /// The table as a forecaster that reads nothing of a vector but the columns of the attribute
  /// behind it.
  ///
  /// @param models names of the rows
  /// @param encoder whose vectors come before the columns
  public CorrectnessForecaster forecaster(List<String> models, EncoderIdentity encoder) {
    return new TableForecaster(this, encoding, List.copyOf(models), encoder);
  }

  /// @return [n, m]
  public FloatMatrix forecast(List<Question> questions) {
    int m = rates.rows();
    float[] forecasts = new float[Math.multiplyExact(questions.size(), m)];
    for (int j = 0; j < questions.size(); j++) {
      int column = column(encoding, questions.get(j));
      for (int i = 0; i < m; i++) {
        forecasts[j * m + i] = rates.get(i, column);
      }
    }
    return FloatMatrix.wrap(questions.size(), m, forecasts);
  }

  /// 1 + the value that weighs most, 0 where none is known.
  private static int column(AttributeEncoding encoding, Question question) {
    return column(encoding.encode(AttributeEncoding.known(question)), 0);
  }

  /// @param values holds the columns of the attribute
  /// @param from where they begin; they go to the end
  static int column(float[] values, int from) {
    int column = 0;
    float largest = 0;
    for (int v = from; v < values.length; v++) {
      if (values[v] > largest) {
        largest = values[v];
        column = 1 + v - from;
      }
    }
    return column;
  }

  /// Sums of scores and numbers of answers by model and value.
  private static final class Counts {
    private final CorrectnessMatrix train;
    private final AttributeEncoding encoding;
    private final int width;
    private final int[] columns; // [n]
    private final double[] sums; // [m, 1 + V]
    private final double[] cells; // [m, 1 + V]

    private Counts(CorrectnessMatrix train, AttributeEncoding encoding) {
      this.train = train;
      this.encoding = encoding;
      this.width = 1 + encoding.columns();
      this.columns = new int[train.questionCount()];
      this.sums = new double[train.modelCount() * width];
      this.cells = new double[sums.length];
    }

    static Counts of(CorrectnessMatrix train, AttributeEncoding encoding) {
      Counts counts = new Counts(train, encoding);
      for (int j = 0; j < train.questionCount(); j++) {
        counts.columns[j] = column(encoding, train.questions().get(j));
        for (int c = train.firstCell(j); c < train.firstCell(j + 1); c++) {
          int at = train.cellModel(c) * counts.width;
          counts.sums[at] += train.cellScore(c);
          counts.cells[at]++;
          if (counts.columns[j] > 0) {
            counts.sums[at + counts.columns[j]] += train.cellScore(c);
            counts.cells[at + counts.columns[j]]++;
          }
        }
      }
      return counts;
    }

    /// Mean over training answers, each forecast without itself.
    double logLoss(double strength) {
      double loss = 0;
      for (int j = 0; j < columns.length; j++) {
        for (int c = train.firstCell(j); c < train.firstCell(j + 1); c++) {
          double score = train.cellScore(c);
          int at = train.cellModel(c) * width;
          double overall = (sums[at] - score + 1) / (cells[at] - 1 + 2);
          int own = at + columns[j];
          double p =
              columns[j] == 0
                  ? overall
                  : (sums[own] - score + strength * overall) / (cells[own] - 1 + strength);
          double clipped = Math.clamp(p, SMALLEST, 1 - SMALLEST);
          loss -= score * Math.log(clipped) + (1 - score) * Math.log1p(-clipped);
        }
      }
      return loss / Math.max(1, train.cellCount());
    }

    AttributeTable table(double strength) {
      float[] rates = new float[sums.length];
      for (int i = 0; i < train.modelCount(); i++) {
        int at = i * width;
        double overall = (sums[at] + 1) / (cells[at] + 2);
        rates[at] = (float) overall;
        for (int v = 1; v < width; v++) {
          rates[at + v] =
              (float) ((sums[at + v] + strength * overall) / (cells[at + v] + strength));
        }
      }
      return new AttributeTable(encoding, FloatMatrix.wrap(train.modelCount(), width, rates));
    }
  }
}
