package org.embedllm.forecast;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.question.AttributeEncoding;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.tensor.FloatMatrix;

/// An [AttributeTable] as a forecaster. Where the attribute is not known, each model is forecast at
/// its rate over all questions. It knows no intervals.
record TableForecaster(
    AttributeTable table,
    AttributeEncoding attributes,
    List<String> models,
    EncoderIdentity encoder)
    implements CorrectnessForecaster {
  @Override
  public FloatMatrix forecast(FloatMatrix vectors) {
    int m = models.size();
    float[] forecasts = new float[Math.multiplyExact(vectors.rows(), m)];
    for (int j = 0; j < vectors.rows(); j++) {
      int column = AttributeTable.column(vectors.row(j), encoder.dimension());
      for (int i = 0; i < m; i++) {
        forecasts[j * m + i] = table.rates().get(i, column);
      }
    }
    return FloatMatrix.wrap(vectors.rows(), m, forecasts);
  }

  @Override
  public Forecast forecast(float[] vector) {
    FloatMatrix row = forecast(FloatMatrix.wrap(1, vector.length, vector));
    List<Forecast.ModelForecast> forecasts = new ArrayList<>(models.size());
    for (int i = 0; i < models.size(); i++) {
      forecasts.add(
          new Forecast.ModelForecast(models.get(i), row.get(0, i), Double.NaN, Double.NaN));
    }
    return new Forecast(forecasts, false);
  }
}
