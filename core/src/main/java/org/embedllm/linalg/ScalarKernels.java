package org.embedllm.linalg;

/// Kernels in plain Java, for a JVM without `jdk.incubator.vector` and as the twin that the vector
/// kernels are tested against.
enum ScalarKernels implements Kernels {
  INSTANCE;

  @Override
  public void multiplyAdd(
      int m,
      int n,
      int k,
      float[] a,
      int aFrom,
      int aRow,
      int aColumn,
      float[] b,
      int bFrom,
      int bRow,
      float[] c,
      int cFrom,
      int cRow) {
    for (int i = 0; i < m; i++) {
      int ci = cFrom + i * cRow;
      for (int l = 0; l < k; l++) {
        float value = a[aFrom + i * aRow + l * aColumn];
        int bl = bFrom + l * bRow;
        for (int j = 0; j < n; j++) {
          c[ci + j] = Math.fma(value, b[bl + j], c[ci + j]);
        }
      }
    }
  }

  @Override
  public void adam(
      AdamStep step,
      float[] parameters,
      float[] gradients,
      float[] firstMoments,
      float[] secondMoments,
      int from,
      int length) {
    for (int i = 0; i < length; i++) {
      int at = from + i;
      float g = Math.fma(step.weightDecay(), parameters[at], gradients[at]);
      float first = Math.fma(step.beta1(), firstMoments[at], step.keep1() * g);
      float second = Math.fma(step.beta2(), secondMoments[at], step.keep2() * g * g);
      firstMoments[at] = first;
      secondMoments[at] = second;
      float root = Math.fma((float) Math.sqrt(second), step.rootCorrection(), step.epsilon());
      parameters[at] -= step.rate() * first / root;
    }
  }

  @Override
  public void addNoise(float[] x, int from, int length, float scale, long key) {
    int half = (length + 1) / 2;
    for (int i = 0; i < half; i++) {
      long bits = Mix.key(key, i);
      double radius = Math.sqrt(-2 * Math.log(((bits >>> 40) + 1) * 0x1.0p-24));
      double angle = 2 * Math.PI * ((bits & 0xFFFFFF) * 0x1.0p-24);
      x[from + i] += scale * (float) (radius * Math.cos(angle));
      if (half + i < length) {
        x[from + half + i] += scale * (float) (radius * Math.sin(angle));
      }
    }
  }

  @Override
  public void crossEntropy(
      float[] logits, float[] targets, float[] losses, int from, int length, float scale) {
    for (int i = from; i < from + length; i++) {
      float z = logits[i];
      float y = targets[i];
      boolean observed = !Float.isNaN(y);
      float tail = (float) Math.exp(-Math.abs(z));
      float upper = 1 / (1 + tail);
      float s = z >= 0 ? upper : 1 - upper;
      losses[i] = observed ? Math.max(z, 0) - z * y + (float) Math.log1p(tail) : 0f;
      logits[i] = observed ? scale * (s - y) : 0f;
    }
  }

  @Override
  public void sigmoid(float[] x, int from, int length) {
    for (int i = from; i < from + length; i++) {
      x[i] = (float) (1 / (1 + Math.exp(-x[i])));
    }
  }
}
