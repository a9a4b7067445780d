package org.embedllm.onnx;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.embedllm.question.DeprecatedNames;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.TextFeatureEncoder;
import org.embedllm.question.TextFeatureSet;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.storage.BadInputException;
import org.slf4j.LoggerFactory;

/// Opens sentence encoders by name.
///
/// | name | encoder |
/// |---|---|
/// | `minilm-l6`, `minilm-l6-q`, `minilm-l6-fast`, `bge-small`, `bge-small-q` | weights on the class path; `q` has 8-bit weights, and `fast` also reads the first 128 tokens only |
/// | `text-features` | counts of a text's characters and items, without a model ([TextFeatureEncoder]) |
/// | a path | a folder of a sentence encoder, or an ONNX file in one |
/// | `path#mean` | the same, with the pooling that its files do not name |
/// | `https://host/v1#model` | an OpenAI-compatible server |
/// | `a+b` | the vectors of two or more, joined, each scaled by 1/√k |
/// | `content-features` | the features that stay when a question is asked in another form |
/// | `…+text-features+content-features`, `…+text-features` | any of these with text features appended ([TextFeatureVectors]) |
public final class Encoders {
  /// The default encoder.
  public static final String DEFAULT = "minilm-l6";

  /// The fastest one.
  public static final String FAST = "minilm-l6-fast";

  private static final String IMPORTED = "file:";

  private Encoders() {}

  /// An encoder by its name. It loads in the background; the first text waits for it.
  ///
  /// @throws BadInputException when there is no such encoder, or it cannot be read or used
  public static QuestionEncoder open(String name, EncoderSettings settings) {
    EncoderIdentity.Name parts = parse(name);
    if (parts.textFeatures() != TextFeatureSet.NONE) {
      return JoinedEncoder.withTextFeatures(
          open(parts.sentenceEncoder(), settings), parts.textFeatures());
    }
    if (Endpoint.isAddress(name)) {
      return endpoint(Endpoint.parse(name), settings);
    }
    Optional<BundledEncoder> bundled = BundledEncoder.named(name);
    if (bundled.isPresent()) {
      return new OnnxSentenceEncoder(bundled.get().model(), settings);
    }
    if (DeprecatedNames.encoder(name).equals(TextFeatureEncoder.NAME)) {
      return new TextFeatureEncoder();
    }
    if (name.equals(TextFeatureEncoder.CONTENT_NAME)) {
      return TextFeatureEncoder.ofContent();
    }
    if (name.startsWith(IMPORTED)) {
      throw BadInputException.of(
          ("the vectors came from a file (%s), so no encoder is known that could make the vector of"
                  + " a new text; train on vectors of an encoder to do that")
              .formatted(name.substring(IMPORTED.length())));
    }
    Optional<Path> path = existing(name);
    if (path.isPresent()) {
      return new OnnxSentenceEncoder(folder(path.get(), Optional.empty()), settings);
    }
    int hash = name.lastIndexOf('#');
    Optional<Path> pooled = hash < 0 ? Optional.empty() : existing(name.substring(0, hash));
    if (pooled.isPresent()) {
      Optional<String> pooling = Optional.of(name.substring(hash + 1));
      return new OnnxSentenceEncoder(folder(pooled.get(), pooling), settings);
    }
    if (name.indexOf('+') > 0) {
      return joined(name, settings);
    }
    throw BadInputException.of(
        ("there is no encoder \"%s\": it is none of %s, %s, no folder or file, and no address like"
                + " https://host/v1#model")
            .formatted(name, BundledEncoder.ids(), TextFeatureEncoder.NAME));
  }

  /// Loads the library that sentence encoders run on, so that the first one opens sooner. What is
  /// wrong with it is said when an encoder is opened.
  public static void prepare(EncoderSettings settings) {
    try {
      NativeLibraries.runtime(settings.cache());
    } catch (BadInputException e) {
      LoggerFactory.getLogger(Encoders.class).debug("ONNX Runtime was not loaded ahead", e);
    }
  }

  /// The sentence encoder and the text features in a name. A path that exists has no features,
  /// whatever its end.
  public static EncoderIdentity.Name parse(String name) {
    return existing(name).isPresent()
        ? new EncoderIdentity.Name(name, TextFeatureSet.NONE)
        : EncoderIdentity.Name.parse(name);
  }

  /// Whether vectors of that name came from a file, so that no encoder is known that could make the
  /// vector of a new text.
  public static boolean isOfImportedVectors(String name) {
    return name.startsWith(IMPORTED);
  }

  /// The encoder whose vectors a model was trained on.
  ///
  /// @param wanted its identity, from the model file
  /// @param place the folder, file or name of the encoder, where it is not the one of `wanted`
  ///   anymore
  /// @throws BadInputException when there is no such encoder, or it is another one by its content
  public static QuestionEncoder open(
      EncoderIdentity wanted, Optional<String> place, EncoderSettings settings) {
    QuestionEncoder sentence = sentenceEncoder(wanted, place, settings);
    return wanted.textFeatures() == TextFeatureSet.NONE
        ? sentence
        : JoinedEncoder.withTextFeatures(sentence, wanted.textFeatures());
  }

  /// The same, without the text features beside its vectors.
  ///
  /// @throws BadInputException when there is no such encoder, or it is another one by its content
  public static QuestionEncoder sentenceEncoder(
      EncoderIdentity wanted, Optional<String> place, EncoderSettings settings) {
    QuestionEncoder encoder;
    try {
      encoder =
          open(
              place.map(name -> parse(name).sentenceEncoder()).orElse(wanted.sentenceEncoder()),
              settings);
    } catch (BadInputException e) {
      String named = wanted.sentenceEncoder();
      boolean folder = named.contains("/") || named.contains("\\");
      if (place.isPresent() || !folder || Endpoint.isAddress(named)) {
        throw e;
      }
      throw BadInputException.of(
          "the model was trained with the encoder %s, which cannot be opened (%s); name where it is now with --encoder FOLDER"
              .formatted(named, e.getMessage()));
    }
    EncoderIdentity found =
        wanted.textFeatures() == TextFeatureSet.NONE
            ? encoder.identity()
            : TextFeatureVectors.identity(encoder.identity(), wanted.textFeatures());
    if (!found.digest().equals(wanted.digest())) {
      String name = encoder.identity().name();
      encoder.close();
      throw BadInputException.of(
          "the model was trained on vectors of encoder %s with digest %.12s; %s has digest %.12s: bring the old encoder back, name it with --encoder, or train again"
              .formatted(wanted.name(), wanted.digest(), name, found.digest()));
    }
    return encoder;
  }

  private static SentenceModel folder(Path path, Optional<String> pooling) {
    try {
      return SentenceTransformersFolder.read(path, pooling);
    } catch (IOException e) {
      throw BadInputException.in(path, "cannot be read: " + e.getMessage(), e);
    }
  }

  private static QuestionEncoder joined(String name, EncoderSettings settings) {
    List<QuestionEncoder> parts = new ArrayList<>();
    try {
      for (String part : name.split("\\+", -1)) {
        parts.add(open(part, settings));
      }
      return JoinedEncoder.of(parts);
    } catch (RuntimeException e) {
      parts.forEach(QuestionEncoder::close);
      throw e;
    }
  }

  private static QuestionEncoder endpoint(Endpoint endpoint, EncoderSettings settings) {
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(20))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    return new EndpointEncoder(
        endpoint, endpoint.key(settings.environment()), client, Retry.DEFAULT);
  }

  private static Optional<Path> existing(String name) {
    try {
      Path path = Path.of(name);
      return Files.exists(path) ? Optional.of(path) : Optional.empty();
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }
}
