package org.embedllm.scoring;

import java.io.IOException;

/// A model that can be asked, wherever it runs.
@FunctionalInterface
public interface ChatModel {
  /// What it writes.
  ///
  /// @param system instructions
  /// @param user what is asked
  /// @throws IOException where it does not answer
  String complete(String system, String user) throws IOException, InterruptedException;
}
