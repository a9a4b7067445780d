package org.embedllm.onnx;

import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.BadInputException;

/// Opens sentence encoders by name.
public final class Encoders {
  /// The encoder that is taken where none is named.
  public static final String DEFAULT = "minilm-l6";

  private Encoders() {}

  /// An encoder by its name: one that comes with the program (`minilm-l6`, `minilm-l6-q`,
  /// `bge-small`, `bge-small-q`).
  ///
  /// @throws BadInputException when there is no such encoder
  public static QuestionEncoder open(String name, EncoderSettings settings) {
    return new OnnxSentenceEncoder(
        BundledEncoder.named(name)
            .orElseThrow(() ->
                BadInputException.of(
                    "there is no encoder \"%s\"; known are %s"
                        .formatted(name, BundledEncoder.ids())))
            .model(),
        settings);
  }
}
