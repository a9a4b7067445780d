package org.embedllm.onnx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.embedllm.question.EncodedTexts;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.TextFeatureSet;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.storage.Sha256;
import org.embedllm.tensor.FloatMatrix;

/// Several encoders whose vectors are concatenated, each scaled, so that unit vectors join to a
/// unit vector: by 1/√k with k encoders, or as [TextFeatureVectors] weighs a sentence and its text
/// features. Dimensions add up; each encoder truncates texts at its own maximum.
final class JoinedEncoder implements QuestionEncoder {
  private final List<QuestionEncoder> encoders;
  private final List<Double> scales;
  private final Function<List<EncoderIdentity>, EncoderIdentity> joined;
  private Optional<EncoderIdentity> identity = Optional.empty(); // guarded by this

  private JoinedEncoder(
      List<QuestionEncoder> encoders,
      List<Double> scales,
      Function<List<EncoderIdentity>, EncoderIdentity> joined) {
    this.encoders = List.copyOf(encoders);
    this.scales = scales;
    this.joined = joined;
  }

  /// Encoders that count alike.
  static JoinedEncoder of(List<QuestionEncoder> encoders) {
    double scale = 1 / Math.sqrt(encoders.size());
    return new JoinedEncoder(
        encoders, Collections.nCopies(encoders.size(), scale), JoinedEncoder::alike);
  }

  /// An encoder of sentences with text features beside it.
  ///
  /// @param features at least the surface
  static JoinedEncoder withTextFeatures(QuestionEncoder sentence, TextFeatureSet features) {
    List<QuestionEncoder> encoders = new ArrayList<>(List.of(sentence));
    encoders.addAll(features.encoders());
    return new JoinedEncoder(
        encoders,
        TextFeatureVectors.scales(),
        parts -> TextFeatureVectors.identity(parts.getFirst(), features));
  }

  @Override
  public synchronized EncoderIdentity identity() {
    EncoderIdentity known =
        identity.orElseGet(
            () -> joined.apply(encoders.stream().map(QuestionEncoder::identity).toList()));
    identity = Optional.of(known);
    return known;
  }

  private static EncoderIdentity alike(List<EncoderIdentity> parts) {
    int shortest =
        parts.stream().mapToInt(EncoderIdentity::maxTokens).filter(m -> m > 0).min().orElse(0);
    return new EncoderIdentity(
        parts.stream().map(EncoderIdentity::name).collect(Collectors.joining("+")),
        Sha256.of(
            "joined and scaled\n"
                + parts.stream().map(EncoderIdentity::digest).collect(Collectors.joining("\n"))),
        parts.stream().mapToInt(EncoderIdentity::dimension).sum(),
        shortest);
  }

  @Override
  public FloatMatrix encode(List<String> texts) {
    return encodeAndCount(texts).vectors();
  }

  @Override
  public EncodedTexts encodeAndCount(List<String> texts) {
    int q = identity().dimension();
    float[] joined = new float[Math.multiplyExact(texts.size(), q)]; // [texts, q]
    List<Integer> counts = new ArrayList<>();
    int at = 0;
    for (int e = 0; e < encoders.size(); e++) {
      EncodedTexts part = encoders.get(e).encodeAndCount(texts);
      double scale = scales.get(e);
      int width = part.vectors().columns();
      float[] values = part.vectors().sharedArray(); // [texts, width]
      for (int i = 0; i < texts.size(); i++) {
        for (int x = 0; x < width; x++) {
          joined[i * q + at + x] = (float) (values[i * width + x] * scale);
        }
        int count = part.tokenCounts().get(i);
        if (at == 0) {
          counts.add(count);
        } else {
          counts.set(i, Math.max(counts.get(i), count));
        }
      }
      at += width;
    }
    return new EncodedTexts(FloatMatrix.wrap(texts.size(), q, joined), counts);
  }

  @Override
  public int tokenCount(String text) {
    return encoders.stream().mapToInt(e -> e.tokenCount(text)).max().orElse(0);
  }

  @Override
  public boolean isRemote() {
    return encoders.stream().anyMatch(QuestionEncoder::isRemote);
  }

  @Override
  public void close() {
    encoders.forEach(QuestionEncoder::close);
  }
}
