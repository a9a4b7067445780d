package org.embedllm.linalg;

import org.slf4j.LoggerFactory;

/// Finds the kernels of this JVM once, and warns when they are the slow ones.
final class BestKernels {
  static final Kernels FOUND = find();

  private BestKernels() {}

  private static Kernels find() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      return new VectorKernels();
    }
    LoggerFactory.getLogger(BestKernels.class)
        .warn(
            "The module jdk.incubator.vector is not loaded: training runs in plain loops, several"
                + " times slower, with the same result. Start Java with --add-modules"
                + " jdk.incubator.vector.");
    return ScalarKernels.INSTANCE;
  }
}
