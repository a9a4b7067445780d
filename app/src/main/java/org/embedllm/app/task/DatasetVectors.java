package org.embedllm.app.task;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Progress;
import org.embedllm.correctness.Question;
import org.embedllm.dataset.Dataset;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.EncodedQuestions;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureSet;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.question.VectorStore;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.UserCache;

/// Vectors of a data set's questions: stored ones, and new ones from an encoder.
public final class DatasetVectors {
  private final VectorStore store;
  private final LongFunction<Progress> progress;
  private final Optional<String> place; // of a trained model's encoder
  private final EncoderSettings settings = EncoderSettings.of(System.getenv());

  public DatasetVectors(Dataset dataset, Console console) {
    this(dataset, total -> console.progress("encode", total, "questions"));
  }

  /// Vectors of texts outside any data set.
  ///
  /// @param folder of the data set that stores them; where empty, the cache does
  public DatasetVectors(Optional<Path> folder, Console console) {
    this(folder, total -> console.progress("encode", total, "questions"));
  }

  /// @param progress of the encoding, made for the number of questions to encode
  public DatasetVectors(Dataset dataset, LongFunction<Progress> progress) {
    this(dataset.directory(), progress);
  }

  private DatasetVectors(Optional<Path> folder, LongFunction<Progress> progress) {
    this(store(folder), progress, Optional.empty());
  }

  private DatasetVectors(
      VectorStore store, LongFunction<Progress> progress, Optional<String> place) {
    this.store = store;
    this.progress = progress;
    this.place = place;
  }

  /// The same, where a trained model's encoder is in another place than the model says.
  ///
  /// @param encoder its folder, file or name now; empty where it has not moved
  public DatasetVectors withEncoderAt(Optional<String> encoder) {
    return new DatasetVectors(store, progress, encoder);
  }

  /// Where the vectors of a data set are kept.
  ///
  /// @param folder of the data set; where empty, the user's cache keeps them
  public static VectorStore store(Optional<Path> folder) {
    return folder
        .map(dataset -> VectorStore.ofDataset(dataset, UserCache.ofUser(System.getenv())))
        .orElseGet(() -> VectorStore.ofCache(UserCache.folder(System.getenv())));
  }

  /// Vectors of the encoder a model was trained with.
  ///
  /// @throws BadInputException when the encoder of that name has changed
  public QuestionVectors of(List<Question> questions, EncoderIdentity wanted) throws IOException {
    Optional<QuestionVectors> kept = store.find(questions, wanted);
    if (kept.isPresent()) {
      return kept.get();
    }
    if (wanted.textFeatures() != TextFeatureSet.NONE) {
      return withTextFeatures(questions, wanted);
    }
    try (QuestionEncoder encoder = Encoders.open(wanted, place, settings)) {
      return encoded(questions, encoder);
    }
  }

  /// Vectors with text features; kept and encoded are those of the sentence encoder alone.
  private QuestionVectors withTextFeatures(List<Question> questions, EncoderIdentity wanted)
      throws IOException {
    for (EncoderIdentity kept : store.encoders()) {
      if (TextFeatureVectors.identity(kept, wanted.textFeatures())
          .digest()
          .equals(wanted.digest())) {
        return TextFeatureVectors.append(of(questions, kept), questions, wanted.textFeatures());
      }
    }
    try (QuestionEncoder encoder = Encoders.sentenceEncoder(wanted, place, settings)) {
      return TextFeatureVectors.append(
          encoded(questions, encoder), questions, wanted.textFeatures());
    }
  }

  /// Vectors for the training of a kernel factorization: those of a sentence encoder with text
  /// features, where there are texts.
  ///
  /// @param name of the encoder, as in [#of(List, Optional)], with or without `+text-features`
  public QuestionVectors withTextFeatures(List<Question> questions, Optional<String> name)
      throws IOException {
    QuestionVectors vectors = of(questions, name);
    boolean there = vectors.encoder().textFeatures() != TextFeatureSet.NONE;
    boolean textless = questions.stream().allMatch(q -> q.text().isBlank());
    return there || textless ? vectors : TextFeatureVectors.append(vectors, questions);
  }

  /// The encoder whose vectors the paper's methods take: without `+text-features`.
  public static String sentenceEncoder(String name) {
    return Encoders.parse(name).sentenceEncoder();
  }

  /// Vectors for a training.
  ///
  /// @param name of the encoder; when empty, the only encoder with stored vectors, otherwise the
  ///   default one
  public QuestionVectors of(List<Question> questions, Optional<String> name) throws IOException {
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
    EncoderIdentity.Name parts = Encoders.parse(chosen);
    if (parts.textFeatures() != TextFeatureSet.NONE) {
      QuestionVectors sentences = of(questions, Optional.of(parts.sentenceEncoder()));
      return TextFeatureVectors.append(sentences, questions, parts.textFeatures());
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
      shown.advanceTo(questions.size());
      return encoded.vectors();
    }
  }
}
