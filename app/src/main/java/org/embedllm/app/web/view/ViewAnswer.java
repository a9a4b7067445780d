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
  /// @param advice what the owner of the page can do; may be empty
  /// @param remedy a command line that makes the data; may be empty
  record Unavailable(String reason, String advice, String remedy) implements ViewAnswer {
    public Unavailable(String reason, String remedy) {
      this(reason, "", remedy);
    }
  }
}
