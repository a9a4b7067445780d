package org.embedllm.app.web.view;

/// What a view has to say when it is asked.
public sealed interface ViewAnswer {
  /// The view itself.
  ///
  /// @param document records, maps, lists, or a Jackson tree
  record Ready(Object document) implements ViewAnswer {}

  /// It is being computed.
  ///
  /// @param step what is being done
  /// @param fraction how much of it is done, in [0, 1]
  record Working(String step, double fraction) implements ViewAnswer {}

  /// It cannot be shown with what is there.
  ///
  /// @param reason why
  /// @param remedy a command line that changes that
  record Unavailable(String reason, String remedy) implements ViewAnswer {}
}
