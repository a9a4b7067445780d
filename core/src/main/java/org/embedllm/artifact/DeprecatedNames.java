package org.embedllm.artifact;

/// Names in model files of format version 1 that differ from today's words. They stay, so that the
/// same training gives the same bytes.
final class DeprecatedNames {
  /// The option that says which method trained the model.
  static final String METHOD = "tower";

  /// The option with the bandwidth of the kernel.
  static final String BANDWIDTH = "reach";

  private DeprecatedNames() {}
}
