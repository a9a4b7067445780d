package org.embedllm.app.option;

/// Old options of the command line that are still understood. Each use gives a warning with the new
/// name.
public final class DeprecatedNames {
  public static final String NO_TEXT_FEATURES = "--no-form";
  public static final String NEW_MODELS = "--newcomers";

  private DeprecatedNames() {}

  /// The warning for an old name.
  public static String warning(String old, String name) {
    return "%s is deprecated; use %s".formatted(old, name);
  }
}
