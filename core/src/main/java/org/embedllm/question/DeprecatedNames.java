package org.embedllm.question;

/// Names that older versions wrote, and what they are called now. Files and commands with them are
/// still read.
public final class DeprecatedNames {
  private static final String TEXT_FEATURES = "form";
  private static final String SUFFIX = "+" + TEXT_FEATURES;

  private DeprecatedNames() {}

  /// The present name of an encoder: `form` is `text-features`.
  public static String encoder(String name) {
    if (name.equals(TEXT_FEATURES)) {
      return TextFeatureEncoder.NAME;
    }
    return isSuffixed(name)
        ? name.substring(0, name.length() - SUFFIX.length()) + TextFeatureSet.SURFACE.suffix()
        : name;
  }

  /// The encoder of a file that does not say how many text features its vectors have: the end of
  /// the name says so.
  public static EncoderIdentity identity(String name, String digest, int dimension, int maxTokens) {
    int columns = TextFeatureSet.SURFACE.columns();
    return isSuffixed(name) && dimension > columns
        ? EncoderIdentity.ofStored(encoder(name), digest, dimension, maxTokens, columns)
        : new EncoderIdentity(name, digest, dimension, maxTokens);
  }

  private static boolean isSuffixed(String name) {
    return name.endsWith(SUFFIX) && name.length() > SUFFIX.length();
  }
}
