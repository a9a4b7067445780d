package org.embedllm.onnx;

import java.util.Map;
import java.util.Optional;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.EncoderProvider;
import org.embedllm.question.QuestionEncoder;

/// The encoders of this module, for programs that know the interface alone.
public final class OnnxEncoderProvider implements EncoderProvider {
  @Override
  public Optional<QuestionEncoder> open(String name, Map<String, String> settings) {
    return Optional.of(Encoders.open(name, EncoderSettings.of(settings)));
  }

  @Override
  public Optional<QuestionEncoder> open(EncoderIdentity wanted, Map<String, String> settings) {
    return Optional.of(Encoders.open(wanted, Optional.empty(), EncoderSettings.of(settings)));
  }
}
