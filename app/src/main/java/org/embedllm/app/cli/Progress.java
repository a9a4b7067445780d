package org.embedllm.app.cli;

/// The progress of a long step. Safe for use by several threads.
public interface Progress extends AutoCloseable {
  /// Shows nothing.
  Progress NONE =
      new Progress() {
        @Override
        public void advanceTo(long done) {}

        @Override
        public void detail(String detail) {}

        @Override
        public void close() {}
      };

  /// @param done units done so far
  void advanceTo(long done);

  /// @param detail the latest detail, such as a loss; replaces the previous one
  void detail(String detail);

  /// The step has ended, whether or not it reached its total.
  @Override
  void close();
}
