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
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.TextFeatureEncoder;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.storage.BadInputException;

/// Opens sentence encoders by name.
///
/// | name | encoder |
/// |---|---|
/// | `minilm-l6`, `minilm-l6-q`, `bge-small`, `bge-small-q` | weights on the class path; `q` has 8-bit weights |
/// | `text-features` | counts of a text's characters and items, without a model ([TextFeatureEncoder]) |
/// | a path | a sentence-transformers folder, or an ONNX file in one |
/// | `https://host/v1#model` | an OpenAI-compatible server |
/// | `a+b` | the vectors of two or more, joined, each scaled by 1/√k |
/// | `…+text-features` | any of these with text features appended ([TextFeatureVectors]) |
public final class Encoders {
  /// The default encoder.
  public static final String DEFAULT = "minilm-l6";

  private static final String BROUGHT = "file:";

  private Encoders() {}

  /// An encoder by its name. It loads in the background; the first text waits for it.
  ///
  /// @throws BadInputException when there is no such encoder, or it cannot be read or used
  public static QuestionEncoder open(String name, EncoderSettings settings) {
    Optional<String> sentence = TextFeatureVectors.sentenceEncoder(name);
    if (sentence.isPresent() && existing(name).isEmpty()) {
      return JoinedEncoder.withTextFeatures(open(sentence.get(), settings));
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
    if (name.startsWith(BROUGHT)) {
      throw BadInputException.of(
          ("the vectors came from a file (%s), so no encoder is known that could make the vector of"
                  + " a new text; train on vectors of an encoder to do that")
              .formatted(name.substring(BROUGHT.length())));
    }
    Optional<Path> path = existing(name);
    if (path.isPresent()) {
      return new OnnxSentenceEncoder(folder(path.get()), settings);
    }
    if (name.indexOf('+') > 0) {
      return joined(name, settings);
    }
    throw BadInputException.of(
        ("there is no encoder \"%s\": it is none of %s, %s, no folder or file, and no address like"
                + " https://host/v1#model")
            .formatted(name, BundledEncoder.ids(), TextFeatureEncoder.NAME));
  }

  private static SentenceModel folder(Path path) {
    try {
      return SentenceTransformersFolder.read(path);
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
