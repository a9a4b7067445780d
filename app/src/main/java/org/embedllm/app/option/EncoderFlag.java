package org.embedllm.app.option;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a trained model's encoder is.
public final class EncoderFlag {
  @Option(
      names = "--encoder",
      paramLabel = "ID",
      description =
          "Where the model's encoder is now, such as a folder that was moved. It must be the same"
              + " encoder by its content.")
  private @Nullable String encoder;

  /// The encoder's place, where it is not the one that the model names.
  public Optional<String> place() {
    return Optional.ofNullable(encoder);
  }
}
