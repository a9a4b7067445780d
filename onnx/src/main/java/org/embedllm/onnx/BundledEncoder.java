package org.embedllm.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.embedllm.question.EncoderIdentity;

/// Encoders whose weights come as Maven artifacts.
enum BundledEncoder {
  /// sentence-transformers/all-MiniLM-L6-v2.
  MINILM_L6(
      "minilm-l6",
      "all-minilm-l6-v2",
      "759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e",
      Files.MINILM_TOKENIZER,
      256,
      Pooling.MEAN),
  /// The same with 8-bit weights.
  MINILM_L6_Q(
      "minilm-l6-q",
      "all-minilm-l6-v2-q",
      "afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1",
      Files.MINILM_TOKENIZER,
      256,
      Pooling.MEAN),
  /// The same, which reads the first 128 tokens only: for long texts where seconds count.
  MINILM_L6_FAST(
      Encoders.FAST,
      "all-minilm-l6-v2-q",
      "afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1",
      Files.MINILM_TOKENIZER,
      128,
      Pooling.MEAN),
  /// BAAI/bge-small-en-v1.5.
  BGE_SMALL(
      "bge-small",
      "bge-small-en-v1.5",
      "828e1496d7fabb79cfa4dcd84fa38625c0d3d21da474a00f08db0f559940cf35",
      Files.BGE_TOKENIZER,
      512,
      Pooling.CLS),
  /// The same with 8-bit weights.
  BGE_SMALL_Q(
      "bge-small-q",
      "bge-small-en-v1.5-q",
      "6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4",
      Files.BGE_TOKENIZER,
      512,
      Pooling.CLS);

  private static final int DIMENSION = 384;

  private final String id;
  private final String resource;
  private final String weightsSha256;
  private final String tokenizerSha256;
  private final int maxTokens;
  private final Pooling pooling;

  BundledEncoder(
      String id,
      String resource,
      String weightsSha256,
      String tokenizerSha256,
      int maxTokens,
      Pooling pooling) {
    this.id = id;
    this.resource = resource;
    this.weightsSha256 = weightsSha256;
    this.tokenizerSha256 = tokenizerSha256;
    this.maxTokens = maxTokens;
    this.pooling = pooling;
  }

  private static final class Files {
    static final String MINILM_TOKENIZER =
        "da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0";
    static final String BGE_TOKENIZER =
        "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66";

    private Files() {}
  }

  static Optional<BundledEncoder> named(String id) {
    return Arrays.stream(values()).filter(e -> e.id.equals(id)).findFirst();
  }

  /// The ids, for a message.
  static String ids() {
    return Arrays.stream(values()).map(e -> e.id).collect(Collectors.joining(", "));
  }

  String id() {
    return id;
  }

  EncoderIdentity identity() {
    String digest =
        Digests.ofEncoder(
            weightsSha256,
            tokenizerSha256,
            maxTokens,
            List.of(pooling),
            List.of(),
            true,
            false,
            "");
    return new EncoderIdentity(id, digest, DIMENSION, maxTokens);
  }

  /// The model; its weights are looked for when they are read. Looking for them now would open
  /// every jar at each start.
  SentenceModel model() {
    return new SentenceModel(
        identity(), weights(), tokenizer(), List.of(pooling), List.of(), true, false, "");
  }

  private String artifact() {
    return "dev.langchain4j:langchain4j-embeddings-" + resource.replace("v1.5", "v15");
  }

  private SentenceModel.ModelFile.InJar weights() {
    return new SentenceModel.ModelFile.InJar(
        resource + ".onnx",
        resource + "-" + weightsSha256.substring(0, 12) + ".onnx",
        weightsSha256,
        artifact());
  }

  private SentenceModel.ModelFile.InJar tokenizer() {
    return new SentenceModel.ModelFile.InJar(
        resource + "-tokenizer.json",
        resource + "-" + tokenizerSha256.substring(0, 12) + "-tokenizer.json",
        tokenizerSha256,
        artifact());
  }
}
