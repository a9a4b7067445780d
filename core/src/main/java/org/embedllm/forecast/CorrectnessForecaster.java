package org.embedllm.forecast;

import java.util.List;
import org.embedllm.correctness.Attributes;
import org.embedllm.question.AttributeEncoding;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.tensor.FloatMatrix;

/// Forecasts, for each model of a pool, the probability that it answers a question correctly.
/// Immutable once made, and safe for use by several threads.
public interface CorrectnessForecaster {
  /// Names of the m models, in the order of every forecast.
  List<String> models();

  /// The encoder whose vectors it reads.
  EncoderIdentity encoder();

  /// The attributes it can use: their columns may stand behind a question vector. None unless it
  /// says otherwise.
  default AttributeEncoding attributes() {
    return AttributeEncoding.NONE;
  }

  /// Probabilities of all models for all given questions.
  ///
  /// @param vectors [n, q] question vectors of [#encoder], or [n, q + p] with the columns of
  ///   [#attributes] behind them
  /// @return [n, m], each in [0, 1]
  FloatMatrix forecast(FloatMatrix vectors);

  /// The forecast of one question with its intervals.
  ///
  /// @param vector `[q]`, or [q + p] with the columns of [#attributes] behind it
  Forecast forecast(float[] vector);

  /// The forecast of one question of which more is known than its text.
  ///
  /// @param vector `[q]`
  /// @param known by name; names and values that training did not see have no influence
  default Forecast forecast(float[] vector, Attributes known) {
    return forecast(attributes().beside(vector, known));
  }

  /// By how much one model is more often right than another on questions like this one. Without
  /// intervals of its own a forecaster knows the difference alone.
  ///
  /// @param vector `[q]`
  /// @param model one of [#models]
  /// @param over another one
  default Advantage advantage(float[] vector, String model, String over) {
    FloatMatrix forecast = forecast(FloatMatrix.wrap(1, vector.length, vector));
    double own = forecast.get(0, models().indexOf(model));
    double other = forecast.get(0, models().indexOf(over));
    return new Advantage(over, 100 * (own - other), Double.NaN, Double.NaN);
  }
}
