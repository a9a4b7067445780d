package org.embedllm.question;

import java.util.List;

/// Which text features follow the values of a sentence encoder in a vector ([TextFeatureVectors]).
public enum TextFeatureSet {
  NONE(0, ""),

  /// The surface of the text, as older model files have it.
  SURFACE(2 * TextFeature.ALL.size(), "+" + TextFeatureEncoder.NAME),

  /// The surface, then the content ([TextFeatureEncoder#ofContent]).
  SURFACE_AND_CONTENT(
      2 * (TextFeature.ALL.size() + TextFeature.CONTENT.size()),
      "+" + TextFeatureEncoder.NAME + "+" + TextFeatureEncoder.CONTENT_NAME);

  private final int columns;
  private final String suffix;

  TextFeatureSet(int columns, String suffix) {
    this.columns = columns;
    this.suffix = suffix;
  }

  /// Number of values at the end of a vector that are text features.
  public int columns() {
    return columns;
  }

  /// What the text form of an encoder's name appends to the name of its sentence encoder.
  public String suffix() {
    return suffix;
  }

  /// The set of so many columns.
  ///
  /// @throws IllegalArgumentException where none has so many
  public static TextFeatureSet ofColumns(int columns) {
    for (TextFeatureSet set : values()) {
      if (set.columns == columns) {
        return set;
      }
    }
    throw new IllegalArgumentException("no set of text features has %d columns".formatted(columns));
  }

  /// The encoders of these features, in the order of their columns.
  public List<QuestionEncoder> encoders() {
    return switch (this) {
      case NONE -> List.of();
      case SURFACE -> List.of(new TextFeatureEncoder());
      case SURFACE_AND_CONTENT -> List.of(new TextFeatureEncoder(), TextFeatureEncoder.ofContent());
    };
  }
}
