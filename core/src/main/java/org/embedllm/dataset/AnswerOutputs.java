package org.embedllm.dataset;

import java.io.Closeable;
import java.io.IOException;

/// What models wrote: a text for each cell of a matrix, where it was kept. The texts can be larger
/// than memory, so they are read one after the other.
public interface AnswerOutputs {
  /// No text was kept.
  AnswerOutputs NONE =
      new AnswerOutputs() {
        @Override
        public boolean isEmpty() {
          return true;
        }

        @Override
        public Cursor open() {
          return cell -> "";
        }
      };

  /// Whether no text was kept.
  boolean isEmpty();

  /// Begins at the first cell.
  Cursor open() throws IOException;

  /// Reads forward.
  @FunctionalInterface
  interface Cursor extends Closeable {
    /// The text of a cell's answer; empty where it was not kept.
    ///
    /// @param cell not below that of an earlier call
    String text(int cell) throws IOException;

    @Override
    default void close() throws IOException {}
  }
}
