package org.embedllm.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Vectors beside those of other computations.
@Tag("encoder")
class ReferenceVectorsTest {
  /// The first example of the sentence-transformers documentation (sbert.net, quickstart) and the
  /// similarities it prints for all-MiniLM-L6-v2.
  @Test
  void similarities_ofTheDocumentedExample_areThoseOfSentenceTransformers() {
    try (QuestionEncoder encoder = Encoders.open("minilm-l6", BundledEncoderTest.settings())) {
      FloatMatrix vectors =
          encoder.encode(
              List.of(
                  "The weather is lovely today.",
                  "It's so sunny outside!",
                  "He drove to the stadium."));
      assertThat(cosine(vectors, 0, 1)).isCloseTo(0.6660, within(1e-4));
      assertThat(cosine(vectors, 0, 2)).isCloseTo(0.1046, within(1e-4));
      assertThat(cosine(vectors, 1, 2)).isCloseTo(0.1411, within(1e-4));
    }
  }

  private static double cosine(FloatMatrix vectors, int x, int y) {
    return EncoderContract.cosine(vectors.row(x), vectors.row(y));
  }

  /// The graph itself, without this module's optimised copy, on ids looked up by hand: `[CLS] hello
  /// world ! [SEP]`, then three paddings that the mask hides.
  @Test
  void vectors_ofKnownIds_areThoseOfABareSession() throws IOException, OrtException {
    long[][] ids = {{101, 7592, 2088, 999, 102, 0, 0, 0}};
    long[][] mask = {{1, 1, 1, 1, 1, 0, 0, 0}};
    float[][] hidden = bare("all-minilm-l6-v2.onnx", ids, mask);
    double[] mean = new double[384];
    double norm = 0;
    for (int x = 0; x < 384; x++) {
      for (int p = 0; p < 5; p++) {
        mean[x] += hidden[p][x] / 5;
      }
      norm += mean[x] * mean[x];
    }
    // 8-bit activations are scaled by the whole input, paddings included: without them here.
    long[][] five = {{101, 7592, 2088, 999, 102}};
    float[] first = bare("bge-small-en-v1.5-q.onnx", five, new long[][] {{1, 1, 1, 1, 1}})[0];
    double firstNorm = 0;
    for (float value : first) {
      firstNorm += value * value;
    }
    float[] miniLm = vector("minilm-l6", BundledEncoderTest.settings());
    float[] bge = vector("bge-small-q", BundledEncoderTest.settings());
    for (int x = 0; x < 384; x++) {
      assertThat(miniLm[x]).isCloseTo((float) (mean[x] / Math.sqrt(norm)), within(1e-6f));
      assertThat(bge[x]).isCloseTo((float) (first[x] / Math.sqrt(firstNorm)), within(1e-6f));
    }
  }

  private static float[] vector(String name, EncoderSettings settings) {
    try (QuestionEncoder encoder = Encoders.open(name, settings)) {
      return encoder.encode(List.of("Hello world!")).row(0);
    }
  }

  private static float[][] bare(String resource, long[][] ids, long[][] mask)
      throws IOException, OrtException {
    byte[] graph;
    try (InputStream in = ReferenceVectorsTest.class.getResourceAsStream("/" + resource)) {
      graph = in.readAllBytes();
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(graph);
        OnnxTensor idTensor = OnnxTensor.createTensor(environment, ids);
        OnnxTensor maskTensor = OnnxTensor.createTensor(environment, mask);
        OnnxTensor typeTensor = OnnxTensor.createTensor(environment, new long[1][ids[0].length]);
        OrtSession.Result result =
            session.run(
                Map.of(
                    "input_ids", idTensor,
                    "attention_mask", maskTensor,
                    "token_type_ids", typeTensor))) {
      return ((float[][][]) result.get(0).getValue())[0];
    }
  }

  @Test
  void vectors_withAndWithoutACache_areTheSame(@TempDir Path folder) throws IOException {
    Path file = java.nio.file.Files.writeString(folder.resolve("occupied"), "no folder");
    float[] without = vector("minilm-l6-q", new EncoderSettings(1, file, Map.of()));
    EncoderSettings fresh = new EncoderSettings(1, folder.resolve("fresh"), Map.of());
    assertThat(vector("minilm-l6-q", fresh)).containsExactly(without);
    assertThat(vector("minilm-l6-q", fresh)).containsExactly(without);
  }
}
