package org.embedllm.linalg;

/// Finds the kernels of this JVM once.
final class BestKernels {
  static final Kernels FOUND = find();

  private BestKernels() {}

  private static Kernels find() {
    boolean vectors = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    return vectors ? new VectorKernels() : ScalarKernels.INSTANCE;
  }
}
