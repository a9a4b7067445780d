package org.embedllm.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.tensor.Safetensors;
import tools.jackson.databind.JsonNode;

/// A Dense module of the sentence-transformers library: y = activation(W x + b).
///
/// @param weights W, [out, in]
/// @param bias b, [1, out]
/// @param activation applied to each value
record DenseLayer(FloatMatrix weights, FloatMatrix bias, Activation activation) {
  /// What is applied to each value.
  enum Activation {
    IDENTITY,
    TANH,
    RELU,
    SIGMOID;

    double of(double x) {
      return switch (this) {
        case IDENTITY -> x;
        case TANH -> Math.tanh(x);
        case RELU -> Math.max(0, x);
        case SIGMOID -> 1 / (1 + Math.exp(-x));
      };
    }
  }

  /// The layer in a module's folder: `config.json` and `model.safetensors`.
  ///
  /// @throws BadInputException when the weights are absent or do not fit
  static DenseLayer read(Path folder, JsonNode config) throws IOException {
    Path file = folder.resolve("model.safetensors");
    if (!Files.isRegularFile(file)) {
      throw BadInputException.in(
          folder,
          "has no model.safetensors; save the weights of this Dense module as safetensors, with"
              + " linear.weight and linear.bias");
    }
    Safetensors tensors = Safetensors.open(file);
    FloatMatrix weights = tensors.matrix("linear.weight");
    float[] bias =
        tensors.has("linear.bias") ? tensors.floats("linear.bias") : new float[weights.rows()];
    int in = config.path("in_features").asInt(weights.columns());
    int out = config.path("out_features").asInt(weights.rows());
    if (weights.columns() != in || weights.rows() != out || bias.length != out) {
      throw BadInputException.in(
          file,
          "linear.weight is [%d, %d] and linear.bias [%d]; config.json says [%d, %d]"
              .formatted(weights.rows(), weights.columns(), bias.length, out, in));
    }
    return new DenseLayer(weights, FloatMatrix.copyOf(1, out, bias), activation(folder, config));
  }

  private static Activation activation(Path folder, JsonNode config) {
    String named = config.path("activation_function").asString("identity");
    String name = named.substring(named.lastIndexOf('.') + 1).toUpperCase(Locale.ROOT);
    for (Activation activation : Activation.values()) {
      if (activation.name().equals(name)) {
        return activation;
      }
    }
    throw BadInputException.in(
        folder.resolve("config.json"),
        "has the activation \"%s\"; known are Identity, Tanh, ReLU and Sigmoid".formatted(named));
  }

  int dimension() {
    return weights.rows();
  }

  /// The values after this layer.
  float[] apply(float[] values) {
    float[] result = new float[weights.rows()];
    for (int i = 0; i < result.length; i++) {
      double sum = bias.get(0, i);
      for (int x = 0; x < values.length; x++) {
        sum += (double) weights.get(i, x) * values[x];
      }
      result[i] = (float) activation.of(sum);
    }
    return result;
  }
}
