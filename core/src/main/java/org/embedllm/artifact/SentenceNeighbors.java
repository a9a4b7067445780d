package org.embedllm.artifact;

import java.util.List;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.forecast.Forecast;
import org.embedllm.neighbors.NearestNeighborsForecaster;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.tensor.FloatMatrix;

/// Nearest neighbors by the sentence encoder's part of vectors with text features.
record SentenceNeighbors(NearestNeighborsForecaster neighbors, EncoderIdentity encoder)
    implements CorrectnessForecaster {
  @Override
  public List<String> models() {
    return neighbors.models();
  }

  @Override
  public FloatMatrix forecast(FloatMatrix vectors) {
    return neighbors.forecast(TextFeatureVectors.sentences(encoder, vectors));
  }

  @Override
  public Forecast forecast(float[] vector) {
    return neighbors.forecast(
        TextFeatureVectors.sentences(encoder, FloatMatrix.wrap(1, vector.length, vector)).row(0));
  }
}
