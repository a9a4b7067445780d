package org.embedllm.question;

import java.util.Map;
import java.util.Optional;

/// Opens encoders by name. Implementations are found with [java.util.ServiceLoader]; the artifact
/// `embedllm-onnx` has one.
public interface EncoderProvider {
  /// An encoder.
  ///
  /// @param name as a model file names it
  /// @param settings by name, such as environment variables
  /// @return empty where this provider knows no encoder of that name
  /// @throws org.embedllm.storage.BadInputException when there is one, and it cannot be read
  Optional<QuestionEncoder> open(String name, Map<String, String> settings);
}
