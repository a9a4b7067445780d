package org.embedllm.app.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import org.embedllm.correctness.Question;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.EncodedQuestions;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.VectorStore;
import org.embedllm.source.Dataset;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.UserCache;

/// Vectors of a data set's questions: those that are kept, and for the rest an encoder.
public final class DatasetVectors {
  private final VectorStore store;
  private final LongFunction<Progress> progress;
  private final EncoderSettings settings = EncoderSettings.of(System.getenv());

  DatasetVectors(Dataset dataset, Console console) {
    this(dataset, total -> console.progress("encode", total, "questions"));
  }

  /// @param progress told how far it is where questions must be encoded; given their number
  public DatasetVectors(Dataset dataset, LongFunction<Progress> progress) {
    this.store =
        dataset
            .directory()
            .map(VectorStore::ofDataset)
            .orElseGet(() -> VectorStore.ofCache(UserCache.folder(System.getenv())));
    this.progress = progress;
  }

  /// Vectors of the encoder a model was trained with.
  ///
  /// @throws BadInputException when the encoder of that name is another one by now
  public QuestionVectors of(List<Question> questions, EncoderIdentity wanted) throws IOException {
    Optional<QuestionVectors> kept = store.find(questions, wanted);
    if (kept.isPresent()) {
      return kept.get();
    }
    try (QuestionEncoder encoder = Encoders.open(wanted.name(), settings)) {
      if (!encoder.identity().digest().equals(wanted.digest())) {
        throw BadInputException.of(
            "the model was trained on vectors of encoder %s with digest %.12s; the encoder of that name has digest %.12s: train again, or bring the old encoder back"
                .formatted(wanted.name(), wanted.digest(), encoder.identity().digest()));
      }
      return encoded(questions, encoder);
    }
  }

  /// Vectors for a training.
  ///
  /// @param name of the encoder; when empty, the only encoder whose vectors are kept, otherwise the
  ///   default one
  QuestionVectors of(List<Question> questions, Optional<String> name) throws IOException {
    List<EncoderIdentity> kept = store.encoders();
    if (name.isEmpty() && kept.size() > 1) {
      throw BadInputException.of(
          "the data set has vectors of several encoders: choose one with --encoder %s"
              .formatted(String.join(" or ", kept.stream().map(EncoderIdentity::name).toList())));
    }
    String chosen =
        name.orElseGet(() -> kept.isEmpty() ? Encoders.DEFAULT : kept.getFirst().name());
    for (EncoderIdentity identity : kept) {
      if (identity.name().equals(chosen)) {
        return of(questions, identity);
      }
    }
    try (QuestionEncoder encoder = Encoders.open(chosen, settings)) {
      return encoded(questions, encoder);
    }
  }

  private QuestionVectors encoded(List<Question> questions, QuestionEncoder encoder)
      throws IOException {
    try (Progress shown = progress.apply(questions.size())) {
      EncodedQuestions encoded =
          store.encode(
              questions, encoder, state -> shown.advanceTo((long) state.done() + state.reused()));
      return encoded.vectors();
    }
  }
}
