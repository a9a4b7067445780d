package org.embedllm.app.cli;

/// The exit status of the process.
public final class ExitStatus {
  /// Done.
  public static final int DONE = 0;

  /// Failed: the input was fine, the work did not succeed.
  public static final int FAILED = 1;

  /// Wrong usage or bad input: nothing was changed.
  public static final int WRONG_USAGE = 2;

  /// Interrupted from outside; resumable work can be continued.
  public static final int INTERRUPTED = 130;

  private ExitStatus() {}
}
