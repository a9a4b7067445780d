package org.embedllm.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Folders laid out like those of the hub, with the weights that come as artifacts.
@Tag("encoder")
class SentenceTransformersFolderTest {
  private static final List<String> TEXTS =
      List.of("Which planet is closest to the sun?", "def f(x): return x + 1", "long ".repeat(300));

  @TempDir private static Path weights;

  private static void copy(String resource, Path target) throws IOException {
    Files.createDirectories(target.getParent());
    try (InputStream in =
        SentenceTransformersFolderTest.class.getResourceAsStream("/" + resource)) {
      Files.copy(in, target);
    }
  }

  /// Unpacked once; folders link to it.
  private static Path unpacked(String resource) throws IOException {
    Path file = weights.resolve(resource);
    if (!Files.exists(file)) {
      copy(resource, file);
    }
    return file;
  }

  private static void write(Path folder, String name, String json) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, json.replace('\'', '"'));
  }

  /// sentence-transformers/all-MiniLM-L6-v2 with 8-bit weights, as the hub lays it out.
  private static Path miniLm(Path folder) throws IOException {
    Files.createDirectories(folder.resolve("onnx"));
    Files.createSymbolicLink(
        folder.resolve("onnx/model.onnx"), unpacked("all-minilm-l6-v2-q.onnx"));
    Files.createSymbolicLink(
        folder.resolve("tokenizer.json"), unpacked("all-minilm-l6-v2-q-tokenizer.json"));
    write(
        folder,
        "modules.json",
        """
        [{'idx': 0, 'name': '0', 'path': '', 'type': 'sentence_transformers.models.Transformer'},
         {'idx': 1, 'name': '1', 'path': '1_Pooling', 'type': 'sentence_transformers.models.Pooling'},
         {'idx': 2, 'name': '2', 'path': '2_Normalize', 'type': 'sentence_transformers.models.Normalize'}]
        """);
    write(
        folder,
        "1_Pooling/config.json",
        """
        {'word_embedding_dimension': 384, 'pooling_mode_cls_token': false,
         'pooling_mode_mean_tokens': true, 'pooling_mode_max_tokens': false,
         'pooling_mode_mean_sqrt_len_tokens': false}
        """);
    write(folder, "sentence_bert_config.json", "{'max_seq_length': 256, 'do_lower_case': false}");
    write(folder, "config.json", "{'hidden_size': 384, 'max_position_embeddings': 512}");
    return folder;
  }

  private static QuestionEncoder open(Path path, int threads) {
    return Encoders.open(path.toString(), BundledEncoderTest.settings().withThreads(threads));
  }

  private static FloatMatrix vectors(Path path) {
    try (QuestionEncoder encoder = open(path, 2)) {
      return encoder.encode(TEXTS);
    }
  }

  private static FloatMatrix bundled(String name) {
    try (QuestionEncoder encoder = Encoders.open(name, BundledEncoderTest.settings())) {
      return encoder.encode(TEXTS);
    }
  }

  @Nested
  class Contract extends EncoderContract {
    @TempDir private Path folder;

    @Override
    QuestionEncoder encoder(int threads) {
      try {
        Path home = folder.resolve("m");
        return open(Files.exists(home) ? home : miniLm(home), threads);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void folder_withTheBundledFiles_isTheBundledEncoder(@TempDir Path folder) throws IOException {
    assertThat(vectors(miniLm(folder))).isEqualTo(bundled("minilm-l6-q"));
    try (QuestionEncoder encoder = open(folder, 1);
        QuestionEncoder same = Encoders.open("minilm-l6-q", BundledEncoderTest.settings())) {
      assertThat(encoder.identity().digest()).isEqualTo(same.identity().digest());
      assertThat(encoder.identity().name()).isEqualTo(folder.toAbsolutePath().toString());
    }
  }

  @Test
  void file_insideAFolder_opensTheFolder(@TempDir Path folder) throws IOException {
    miniLm(folder);
    assertThat(vectors(folder.resolve("onnx/model.onnx"))).isEqualTo(vectors(folder));
  }

  @Test
  void folder_withOtherPoolingAndNoNormalize_isHonoured(@TempDir Path folder) throws IOException {
    miniLm(folder);
    write(
        folder,
        "modules.json",
        """
        [{'path': '', 'type': 'sentence_transformers.base.modules.Transformer'},
         {'path': '1_Pooling', 'type': 'sentence_transformers.sentence_transformer.modules.Pooling'}]
        """);
    write(folder, "1_Pooling/config.json", "{'pooling_mode': ['mean', 'cls']}");
    FloatMatrix joined = vectors(folder);
    assertThat(joined.columns()).isEqualTo(768);
    FloatMatrix mean = bundled("minilm-l6-q");
    float[] secondHalf = java.util.Arrays.copyOfRange(joined.row(0), 384, 768);
    assertThat(EncoderContract.cosine(secondHalf, mean.row(0))).isCloseTo(1, within(1e-6));
    assertThat(EncoderContract.cosine(java.util.Arrays.copyOf(joined.row(0), 384), mean.row(0)))
        .isLessThan(0.99);
  }

  @Test
  void folder_withMaximumPromptAndLowerCase_isHonoured(@TempDir Path folder) throws IOException {
    miniLm(folder);
    write(folder, "sentence_bert_config.json", "{'max_seq_length': 16, 'do_lower_case': true}");
    write(
        folder,
        "config_sentence_transformers.json",
        "{'prompts': {'query': 'query: '}, 'default_prompt_name': 'query'}");
    try (QuestionEncoder encoder = open(folder, 1)) {
      assertThat(encoder.identity().maxTokens()).isEqualTo(16);
      assertThat(encoder.tokenCount("hello")).isEqualTo(5); // [CLS] query : hello [SEP]
      FloatMatrix cut = encoder.encode(List.of("long ".repeat(300), "long ".repeat(400)));
      assertThat(cut.row(0)).containsExactly(cut.row(1));
    }
    Files.delete(folder.resolve("sentence_bert_config.json"));
    write(folder, "tokenizer_config.json", "{'model_max_length': 128}");
    try (QuestionEncoder encoder = open(folder, 1)) {
      assertThat(encoder.identity().maxTokens()).isEqualTo(128);
    }
  }

  @Test
  void folder_withAClsModel_isTheBundledEncoder(@TempDir Path folder) throws IOException {
    miniLm(folder);
    Files.delete(folder.resolve("onnx/model.onnx"));
    Files.delete(folder.resolve("tokenizer.json"));
    Files.createSymbolicLink(folder.resolve("model.onnx"), unpacked("bge-small-en-v1.5-q.onnx"));
    Files.createSymbolicLink(
        folder.resolve("tokenizer.json"), unpacked("bge-small-en-v1.5-q-tokenizer.json"));
    write(folder, "sentence_bert_config.json", "{'max_seq_length': 512}");
    write(folder, "1_Pooling/config.json", "{'pooling_mode_cls_token': true}");
    assertThat(vectors(folder)).isEqualTo(bundled("bge-small-q"));
  }

  @Test
  void folder_thatIsIncomplete_saysWhatIsMissing(@TempDir Path folder) throws IOException {
    miniLm(folder);
    Path onnx = folder.resolve("onnx/model.onnx");
    for (String name : List.of("tokenizer.json", "config.json", "1_Pooling/config.json")) {
      Path file = folder.resolve(name);
      Path aside = folder.resolve("aside");
      Files.move(file, aside);
      assertRefused(folder, name);
      Files.move(aside, file);
    }
    Files.delete(onnx);
    assertRefused(folder, "onnx/model.onnx");
  }

  @Test
  void folder_withAPartThatIsNotDone_isRefused(@TempDir Path folder) throws IOException {
    miniLm(folder);
    String modules = Files.readString(folder.resolve("modules.json"));
    write(folder, "modules.json", modules.replace("models.Normalize", "models.CNN"));
    assertRefused(folder, "models.CNN");
    write(folder, "modules.json", modules.replace("models.Normalize", "models.Dense"));
    assertRefused(folder, "2_Normalize/config.json");
    write(folder, "modules.json", modules);
    write(folder, "1_Pooling/config.json", "{'pooling_mode_wishful': true}");
    assertRefused(folder, "pooling_mode_wishful");
    write(folder, "1_Pooling/config.json", "{}");
    assertRefused(folder, "no pooling");
    write(folder, "1_Pooling/config.json", "{");
    assertRefused(folder, "no JSON");
  }

  @Test
  void graph_thatIsNone_isRefused(@TempDir Path folder) throws IOException {
    miniLm(folder);
    Files.delete(folder.resolve("onnx/model.onnx"));
    Files.writeString(folder.resolve("onnx/model.onnx"), "this is no graph");
    try (QuestionEncoder encoder = open(folder, 1)) {
      assertThatThrownBy(() -> encoder.encode(TEXTS))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("model.onnx")
          .hasMessageContaining("cannot load");
    }
  }

  @Test
  void folder_asOptimumWritesIt_takesThePoolingThatIsNamed(@TempDir Path folder)
      throws IOException {
    miniLm(folder);
    Files.delete(folder.resolve("modules.json"));
    Files.delete(folder.resolve("1_Pooling/config.json"));
    try (QuestionEncoder encoder = open(folder, 1)) {
      assertThatThrownBy(() -> encoder.encode(TEXTS))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("--pooling mean");
    }
    Path mean = Path.of(folder + "#mean");
    assertThat(vectors(mean)).isEqualTo(bundled("minilm-l6-q"));
    assertRefused(Path.of(folder + "#wishful"), "weightedmean");
  }

  @Test
  void graph_withASentenceEmbeddingAndExternalData_needsNoPooling(@TempDir Path folder)
      throws IOException {
    Files.createSymbolicLink(
        folder.resolve("tokenizer.json"), unpacked("all-minilm-l6-v2-q-tokenizer.json"));
    write(folder, "config.json", "{'model_type': 'bert', 'max_position_embeddings': 512}");
    Path data = folder.resolve("model.onnx_data");
    for (int type : new int[] {TinyGraph.FLOAT, TinyGraph.HALF}) {
      Files.write(folder.resolve("model.onnx"), TinyGraph.of(type));
      Files.write(data, new byte[] {0, 0, 0, (byte) 0xc0}); // -2 as float32
      String digest;
      try (QuestionEncoder encoder = open(folder, 1)) {
        assertThat(encoder.identity().dimension()).isEqualTo(1);
        assertThat(encoder.encode(TEXTS).row(0)).containsExactly(-1f); // normalized
        digest = encoder.identity().digest();
      }
      Files.write(data, new byte[] {0, 0, 0, 0x40}); // 2
      try (QuestionEncoder encoder = open(folder, 1)) {
        assertThat(encoder.encode(TEXTS).row(0)).containsExactly(1f);
        assertThat(encoder.identity().digest()).isNotEqualTo(digest);
      }
    }
  }

  @Test
  void folder_withTheTransformerInAFolderOfItsOwn_isRead(@TempDir Path folder) throws IOException {
    miniLm(folder);
    Path own = Files.createDirectory(folder.resolve("0_Transformer"));
    for (String name : List.of("tokenizer.json", "config.json", "sentence_bert_config.json")) {
      Files.move(folder.resolve(name), own.resolve(name));
    }
    Files.move(folder.resolve("onnx/model.onnx"), own.resolve("model.onnx"));
    String modules = Files.readString(folder.resolve("modules.json"));
    write(
        folder, "modules.json", modules.replaceFirst("\"path\": \"\"", "'path': '0_Transformer'"));
    assertThat(vectors(folder)).isEqualTo(bundled("minilm-l6-q"));
  }

  @Test
  void folder_withOtherGraphsOnly_namesThem(@TempDir Path folder) throws IOException {
    miniLm(folder);
    Path quantized = folder.resolve("onnx/model_quantized.onnx");
    Files.move(folder.resolve("onnx/model.onnx"), quantized);
    assertRefused(folder, "onnx/model_quantized.onnx");
    assertThat(vectors(quantized)).isEqualTo(bundled("minilm-l6-q"));
  }

  @Test
  void folder_withAVocabularyOnly_hasTheSameTokens(@TempDir Path folder) throws IOException {
    miniLm(folder);
    var vocabulary =
        tools.jackson.databind.json.JsonMapper.shared()
            .readTree(Files.readAllBytes(folder.resolve("tokenizer.json")))
            .path("model")
            .path("vocab");
    String[] pieces = new String[vocabulary.size()];
    vocabulary.forEachEntry((piece, id) -> pieces[id.asInt()] = piece);
    Files.delete(folder.resolve("tokenizer.json"));
    Files.writeString(folder.resolve("vocab.txt"), String.join("\n", pieces) + "\n");
    write(folder, "tokenizer_config.json", "{'do_lower_case': true, 'unk_token': '[UNK]'}");
    assertThat(vectors(folder)).isEqualTo(bundled("minilm-l6-q"));
    Files.writeString(folder.resolve("vocab.txt"), "a\nb\n");
    assertRefused(folder, "has no piece [UNK]");
    Files.write(
        folder.resolve("vocab.txt"), "[UNK]\nna\u00efve\n".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(folder, "vocab.txt:2: is not valid UTF-8");
  }

  @Test
  void denseModule_isAppliedBehindThePooling(@TempDir Path folder) throws IOException {
    miniLm(folder);
    write(
        folder,
        "modules.json",
        """
        [{'path': '', 'type': 'sentence_transformers.models.Transformer'},
         {'path': '1_Pooling', 'type': 'sentence_transformers.models.Pooling'},
         {'path': '2_Dense', 'type': 'sentence_transformers.models.Dense'}]
        """);
    write(
        folder,
        "2_Dense/config.json",
        """
        {'in_features': 384, 'out_features': 2, 'bias': true,
         'activation_function': 'torch.nn.modules.activation.Tanh'}
        """);
    assertRefused(folder, "model.safetensors");
    float[] weights = new float[2 * 384];
    weights[3] = 2; // y0 = tanh(2 x3 + 0.5)
    weights[384 + 7] = -1; // y1 = tanh(-x7)
    new org.embedllm.tensor.Safetensors.Writer()
        .floats("linear.weight", weights, 2, 384)
        .floats("linear.bias", new float[] {0.5f, 0}, 2)
        .write(folder.resolve("2_Dense/model.safetensors"));
    FloatMatrix dense = vectors(folder);
    assertThat(dense.columns()).isEqualTo(2);
    write(
        folder,
        "modules.json",
        """
        [{'path': '', 'type': 'sentence_transformers.models.Transformer'},
         {'path': '1_Pooling', 'type': 'sentence_transformers.models.Pooling'}]
        """);
    float[] pooled = vectors(folder).row(1);
    assertThat(dense.row(1)[0]).isCloseTo((float) Math.tanh(2 * pooled[3] + 0.5), within(1e-6f));
    assertThat(dense.row(1)[1]).isCloseTo((float) Math.tanh(-pooled[7]), within(1e-6f));
  }

  @Test
  void model_trainedWithAFolder_opensItWhereItIsNow(@TempDir Path folder) throws IOException {
    Path before = miniLm(folder.resolve("before"));
    org.embedllm.question.EncoderIdentity trained;
    try (QuestionEncoder encoder = open(before, 1)) {
      trained =
          org.embedllm.question.TextFeatureVectors.identity(
              encoder.identity(), org.embedllm.question.TextFeatureSet.SURFACE_AND_CONTENT);
    }
    Path after = Files.move(before, folder.resolve("after"));
    EncoderSettings settings = BundledEncoderTest.settings();
    assertThatThrownBy(() -> Encoders.open(trained, java.util.Optional.empty(), settings))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--encoder FOLDER");
    try (QuestionEncoder encoder =
        Encoders.open(trained, java.util.Optional.of(after.toString()), settings)) {
      assertThat(encoder.identity().digest()).isEqualTo(trained.digest());
      assertThat(encoder.encode(TEXTS).columns()).isEqualTo(trained.dimension());
    }
    assertThatThrownBy(() -> Encoders.open(trained, java.util.Optional.of("bge-small-q"), settings))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("digest");
  }

  /// Folders that people have, where `shared/cases` is beside the project; their graph and
  /// tokenizer are put into them here.
  @ParameterizedTest
  @CsvSource({
    "optimum, #mean",
    "quantonly, /onnx/model_quantized.onnx",
    "vocabonly,",
    "rootlayout,"
  })
  void folder_thatPeopleHave_givesTheBundledVectors(
      String name, @Nullable String rest, @TempDir Path copies) throws IOException {
    Path folder = filled(name, copies);

    FloatMatrix vectors = vectors(Path.of(folder + (rest == null ? "" : rest)));

    // The last text is cut where the folder says so; that of optimum says nothing.
    for (int text = 0; text < TEXTS.size() - 1; text++) {
      assertThat(vectors.row(text)).isEqualTo(bundled("minilm-l6-q").row(text));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "optimum, --pooling mean",
    "quantonly, onnx/model_quantized.onnx",
    "dense, model.safetensors"
  })
  void folder_thatPeopleHave_saysWhatIsMissing(String name, String message, @TempDir Path copies)
      throws IOException {
    Path folder = filled(name, copies);

    assertThatThrownBy(() -> vectors(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(message);
  }

  private static Path filled(String name, Path copies) throws IOException {
    Path here = Path.of("").toAbsolutePath();
    Path cases = here;
    while (cases != null && !Files.isDirectory(cases.resolve("shared/cases"))) {
      cases = cases.getParent();
    }
    Assumptions.assumeTrue(
        cases != null, "no shared/cases in or above " + here + "; this test is skipped");
    Path source = cases.resolve("shared/cases/32-encoder-folders").resolve(name);
    Path folder = copies.resolve(name);
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String target = source.relativize(file).toString().replace(".put-here", "");
        Path copy = folder.resolve(target);
        Files.createDirectories(copy.getParent());
        if (file.toString().endsWith(".onnx.put-here")) {
          Files.createSymbolicLink(copy, unpacked("all-minilm-l6-v2-q.onnx"));
        } else if (file.toString().endsWith(".put-here")) {
          Files.createSymbolicLink(copy, unpacked("all-minilm-l6-v2-q-tokenizer.json"));
        } else {
          Files.copy(file, copy);
        }
      }
    }
    return folder;
  }

  private static void assertRefused(Path folder, String message) {
    assertThatThrownBy(() -> open(folder, 1).close())
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(message);
  }
}
