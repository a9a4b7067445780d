package org.embedllm.app.command;

/// Old options of the command line that are still understood. Each use gives a warning with the new
/// name.
final class DeprecatedNames {
  static final String NO_TEXT_FEATURES = "--no-form";
  static final String NEW_MODELS = "--newcomers";

  private DeprecatedNames() {}

  /// The warning for an old name.
  static String warning(String old, String name) {
    return "%s is deprecated; use %s".formatted(old, name);
  }
}
