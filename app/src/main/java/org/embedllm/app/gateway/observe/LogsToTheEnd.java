package org.embedllm.app.gateway.observe;

import java.util.logging.LogManager;

/// The platform's log manager, but for what it does when the process is told to stop: it would
/// close the log at once, while requests under way are still being finished.
///
/// Public because the platform makes it, by the name in `java.util.logging.manager`.
public final class LogsToTheEnd extends LogManager {
  /// Nothing: every line is flushed when it is written.
  @Override
  public void reset() {
    // Handlers are put in by LogFormat and stay.
  }
}
