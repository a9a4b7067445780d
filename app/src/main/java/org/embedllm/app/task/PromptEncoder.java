package org.embedllm.app.task;

import java.nio.file.Path;
import java.util.Optional;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.BadInputException;

/// The encoder of prompts for a model file. It loads while the file is read: each takes about half
/// of the time to a first answer.
public final class PromptEncoder implements AutoCloseable {
  private final Optional<String> place;
  private final EncoderSettings settings;
  private Optional<Opened> opened;

  private record Opened(EncoderIdentity identity, QuestionEncoder encoder) {}

  /// Starts to load the encoder that the head of a model file names. What is wrong with either is
  /// said when it is needed.
  ///
  /// @param place of the encoder, where it is not the one that the model names
  /// @param single whether there is one prompt, for which one thread is quicker
  public PromptEncoder(Path model, Optional<String> place, boolean single) {
    this.place = place;
    EncoderSettings all = EncoderSettings.of(System.getenv());
    this.settings = single ? all.withThreads(1) : all;
    this.opened = ModelArtifact.encoderOf(model).flatMap(this::ahead);
  }

  /// Loads the library that most encoders run on.
  public static void prepare() {
    Encoders.prepare(EncoderSettings.of(System.getenv()));
  }

  private Optional<Opened> ahead(EncoderIdentity identity) {
    try {
      return Optional.of(open(identity));
    } catch (BadInputException e) {
      return Optional.empty();
    }
  }

  private Opened open(EncoderIdentity identity) {
    return new Opened(identity, Encoders.open(identity, place, settings));
  }

  /// The encoder; closed with this.
  ///
  /// @param wanted what the model names, once it was read and checked
  /// @throws BadInputException when the encoder is missing or has changed
  QuestionEncoder encoder(EncoderIdentity wanted) {
    if (opened.isEmpty() || !opened.get().identity().digest().equals(wanted.digest())) {
      close();
      opened = Optional.of(open(wanted));
    }
    return opened.get().encoder();
  }

  @Override
  public void close() {
    opened.ifPresent(o -> o.encoder().close());
    opened = Optional.empty();
  }
}
