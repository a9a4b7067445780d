package org.embedllm.app.cli;

import java.util.List;
import org.embedllm.storage.DidYouMean;

/// "Did you mean" at the end of an error of the command line.
public final class Suggestion {
  private Suggestion() {}

  /// A question to append to an error, with the closest known names; empty where none is close.
  public static String didYouMean(String given, List<String> known) {
    List<String> close = DidYouMean.closest(given, known);
    return close.isEmpty() ? "" : "; did you mean " + String.join(" or ", close) + "?";
  }
}
