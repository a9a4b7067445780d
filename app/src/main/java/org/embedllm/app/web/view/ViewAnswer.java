package org.embedllm.app.web.view;

/// The answer of a view.
public sealed interface ViewAnswer {
  /// The view itself.
  ///
  /// @param document records, maps, lists, or a Jackson tree
  record Ready(Object document) implements ViewAnswer {}

  /// It is being computed.
  ///
  /// @param step what is being done
  /// @param fraction done, in [0, 1]
  record Working(String step, double fraction) implements ViewAnswer {}

  /// It cannot be shown with the available data.
  ///
  /// @param reason why
  /// @param remedy a command line that makes the data
  record Unavailable(String reason, String remedy) implements ViewAnswer {}
}
