package org.embedllm.question;

import java.util.Map;
import java.util.Optional;

/// Opens encoders. Implementations are found with [java.util.ServiceLoader]; the artifact
/// `embedllm-onnx` has one.
public interface EncoderProvider {
  /// An encoder by its name.
  ///
  /// @param name as people type it, such as `minilm-l6`
  /// @param settings by name, such as environment variables
  /// @return empty where this provider knows no such encoder
  /// @throws org.embedllm.storage.BadInputException when there is one, and it cannot be read
  Optional<QuestionEncoder> open(String name, Map<String, String> settings);

  /// The encoder that a model was trained with.
  ///
  /// @param wanted from the model file
  /// @param settings by name, such as environment variables
  /// @return empty where this provider knows no such encoder
  /// @throws org.embedllm.storage.BadInputException when there is one, and it cannot be read or has
  ///   changed
  Optional<QuestionEncoder> open(EncoderIdentity wanted, Map<String, String> settings);
}
