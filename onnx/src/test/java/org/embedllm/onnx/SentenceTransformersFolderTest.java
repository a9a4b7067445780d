package org.embedllm.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Folders laid out like those of the hub, with the weights that come as artifacts.
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
    for (String name :
        List.of("tokenizer.json", "modules.json", "config.json", "1_Pooling/config.json")) {
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
    write(folder, "modules.json", modules.replace("models.Normalize", "models.Dense"));
    assertRefused(folder, "models.Dense");
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

  private static void assertRefused(Path folder, String message) {
    assertThatThrownBy(() -> open(folder, 1).close())
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(message);
  }
}
