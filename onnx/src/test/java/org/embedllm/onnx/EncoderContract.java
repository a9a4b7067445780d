package org.embedllm.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.embedllm.question.EncodedTexts;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

/// What every encoder promises.
abstract class EncoderContract {
  private static final List<String> TEXTS =
      List.of(
          "Which planet is closest to the sun?",
          "",
          "   \n\t ",
          "Name the planet nearest to the sun.",
          "How do I sort a list of integers in descending order?",
          "naïve café — “quoted” … 北京 \uD83D\uDE80 \u2028 \u0085 \uFEFF",
          "word ".repeat(700));

  /// The encoder under test, with the given number of threads; the caller closes it.
  abstract QuestionEncoder encoder(int threads);

  @Test
  void vectors_always_haveTheShapeOfTheIdentity() {
    try (QuestionEncoder encoder = encoder(2)) {
      FloatMatrix vectors = encoder.encode(TEXTS);
      assertThat(vectors.rows()).isEqualTo(TEXTS.size());
      assertThat(vectors.columns()).isEqualTo(encoder.identity().dimension());
      for (float value : vectors.toArray()) {
        assertThat(value).isFinite();
      }
    }
  }

  @Test
  void vectors_ofNoTexts_areAnEmptyMatrix() {
    try (QuestionEncoder encoder = encoder(2)) {
      assertThat(encoder.encode(List.of()).rows()).isZero();
    }
  }

  @Test
  void vector_ofAText_dependsOnNeitherTheOthersNorTheThreads() {
    try (QuestionEncoder one = encoder(1);
        QuestionEncoder three = encoder(3)) {
      FloatMatrix alone = one.encode(TEXTS);
      List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5, 6));
      Collections.shuffle(order, new Random(5));
      FloatMatrix shuffled = three.encode(order.stream().map(TEXTS::get).toList());
      for (int i = 0; i < order.size(); i++) {
        assertThat(shuffled.row(i)).containsExactly(alone.row(order.get(i)));
      }
      assertThat(three.encode(TEXTS.subList(3, 4)).row(0)).containsExactly(alone.row(3));
    }
  }

  @Test
  void vectors_ofTheSameMeaning_areNearerThanOfAnother() {
    try (QuestionEncoder encoder = encoder(2)) {
      FloatMatrix vectors = encoder.encode(TEXTS);
      assertThat(cosine(vectors.row(0), vectors.row(3)))
          .isGreaterThan(cosine(vectors.row(0), vectors.row(4)) + 0.1);
    }
  }

  @Test
  void counts_ofTokens_areThoseOfSingleTexts() {
    try (QuestionEncoder encoder = encoder(2)) {
      EncodedTexts encoded = encoder.encodeAndCount(TEXTS);
      assertThat(encoded.tokenCounts()).isEqualTo(TEXTS.stream().map(encoder::tokenCount).toList());
      assertThat(encoded.vectors()).isEqualTo(encoder.encode(TEXTS));
    }
  }

  @Test
  void identity_always_hasADigest() {
    try (QuestionEncoder encoder = encoder(1)) {
      assertThat(encoder.identity().digest()).matches("[0-9a-f]{64}");
      assertThat(encoder.identity().name()).isNotBlank();
    }
  }

  static double cosine(float[] x, float[] y) {
    double dot = 0;
    double xx = 0;
    double yy = 0;
    for (int k = 0; k < x.length; k++) {
      dot += (double) x[k] * y[k];
      xx += (double) x[k] * x[k];
      yy += (double) y[k] * y[k];
    }
    return dot / Math.sqrt(xx * yy);
  }

  static void assertUnitLength(float[] vector) {
    double square = 0;
    for (float value : vector) {
      square += (double) value * value;
    }
    assertThat(square).isCloseTo(1, within(1e-5));
  }
}
