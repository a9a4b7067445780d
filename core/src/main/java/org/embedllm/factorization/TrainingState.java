package org.embedllm.factorization;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Mix;
import org.embedllm.tensor.FloatMatrix;

/// Parameters in training and the moments of Adam, padded so that every row is a whole number of
/// vectors. Padding is 0 and stays 0.
///
/// A model's start depends on the seed and its name, not on its row.
final class TrainingState {
  /// Rows are padded to a multiple of this many floats: one 512-bit vector.
  static final int LANES = 16;

  final int models; // m
  final int dimension; // d
  final int features; // r
  final int width; // d padded
  final Tensor projection; // Wᵀ [r, width]
  final Tensor projectionBias; // b [width]
  final Tensor modelVectors; // P [m, width]
  final Tensor classifier; // C [2, width]
  final Tensor classifierBias; // c [2]
  long step; // steps of Adam done

  /// A parameter and its moments.
  static final class Tensor {
    final float[] values;
    final float[] first;
    final float[] second;

    Tensor(int length) {
      values = new float[length];
      first = new float[length];
      second = new float[length];
    }
  }

  TrainingState(int models, int dimension, int features) {
    this.models = models;
    this.dimension = dimension;
    this.features = features;
    this.width = padded(dimension);
    this.projection = new Tensor(Math.multiplyExact(features, width));
    this.projectionBias = new Tensor(width);
    this.modelVectors = new Tensor(Math.multiplyExact(models, width));
    this.classifier = new Tensor(2 * width);
    this.classifierBias = new Tensor(2);
  }

  static int padded(int length) {
    return Math.multiplyExact(Math.ceilDiv(length, LANES), LANES);
  }

  /// The start of training: P from N(0, 1); W, b and C, c uniform within one over the root of their
  /// fan-in.
  static TrainingState random(List<String> models, int features, TrainingOptions options) {
    int d = options.dimension();
    var state = new TrainingState(models.size(), d, features);
    var shared = new SplittableRandom(Mix.key(options.seed(), 1));
    int width = state.width;
    for (int k = 0; k < d; k++) {
      for (int i = 0; i < features; i++) {
        state.projection.values[i * width + k] = uniform(shared, features);
      }
      state.projectionBias.values[k] = uniform(shared, features);
    }
    for (int row = 0; row < 2; row++) {
      for (int k = 0; k < d; k++) {
        state.classifier.values[row * width + k] = uniform(shared, d);
      }
      state.classifierBias.values[row] = uniform(shared, d);
    }
    for (int i = 0; i < models.size(); i++) {
      long key = Mix.key(options.seed(), hash(models.get(i)));
      Kernels.plain().addNoise(new float[d], 0, state.modelVectors.values, i * width, d, 1f, key);
    }
    return state;
  }

  /// A start from given parameters, with moments of 0.
  static TrainingState of(MatrixFactorization start) {
    FloatMatrix projection = start.projection(); // [d, r]
    int r = projection.columns();
    var state = new TrainingState(start.models().size(), start.dimension(), r);
    for (int k = 0; k < state.dimension; k++) {
      for (int i = 0; i < r; i++) {
        state.projection.values[i * state.width + k] = projection.get(k, i);
      }
    }
    state.pad(start.modelVectors(), state.modelVectors);
    state.pad(start.projectionBias(), state.projectionBias);
    state.pad(start.classifier(), state.classifier);
    System.arraycopy(start.classifierBias().toArray(), 0, state.classifierBias.values, 0, 2);
    return state;
  }

  private void pad(FloatMatrix from, Tensor to) {
    for (int i = 0; i < from.rows(); i++) {
      System.arraycopy(from.row(i), 0, to.values, i * width, dimension);
    }
  }

  private static float uniform(SplittableRandom random, int fanIn) {
    double bound = 1 / Math.sqrt(fanIn);
    return (float) ((2 * random.nextDouble() - 1) * bound);
  }

  /// FNV-1a, 64 bits, of the UTF-8 bytes.
  private static long hash(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  /// The parameters as a model.
  MatrixFactorization model(TrainingProblem problem) {
    float[] w = new float[Math.multiplyExact(dimension, features)]; // [d, r]
    for (int i = 0; i < features; i++) {
      for (int k = 0; k < dimension; k++) {
        w[k * features + i] = projection.values[i * width + k];
      }
    }
    return new MatrixFactorization(
        problem.train().models(),
        problem.encoder(),
        new FeatureMap.Identity(features),
        unpadded(modelVectors.values, models),
        FloatMatrix.wrap(dimension, features, w),
        unpadded(projectionBias.values, 1),
        unpadded(classifier.values, 2),
        FloatMatrix.copyOf(1, 2, classifierBias.values));
  }

  private FloatMatrix unpadded(float[] padded, int rows) {
    float[] values = new float[rows * dimension];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(padded, i * width, values, i * dimension, dimension);
    }
    return FloatMatrix.wrap(rows, dimension, values);
  }

  /// Every array of the state by name, for a checkpoint.
  Map<String, float[]> arrays() {
    var arrays = new LinkedHashMap<String, float[]>();
    put(arrays, "W", projection);
    put(arrays, "b", projectionBias);
    put(arrays, "P", modelVectors);
    put(arrays, "C", classifier);
    put(arrays, "c", classifierBias);
    return arrays;
  }

  private static void put(Map<String, float[]> arrays, String name, Tensor tensor) {
    arrays.put(name + ".values", tensor.values);
    arrays.put(name + ".first", tensor.first);
    arrays.put(name + ".second", tensor.second);
  }
}
