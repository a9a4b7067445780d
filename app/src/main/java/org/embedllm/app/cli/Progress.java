package org.embedllm.app.cli;

/// How far a long step is. Safe for use by several threads.
public interface Progress extends AutoCloseable {
  /// @param done units done so far
  void advanceTo(long done);

  /// @param remark the latest detail, such as a loss; replaces the one before
  void remark(String remark);

  /// The step has ended, whether or not it reached its total.
  @Override
  void close();
}
