package org.embedllm.app.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.QuestionEncoder;

/// Folders of sentence encoders: tokenizers and configurations. Their graph is no graph; ONNX
/// Runtime is not tried here.
final class EncoderTargets {
  private static final String TEXT = "What is [SEP] naïve in 2 words?";
  private static final String VOCABULARY = "[UNK]\n[CLS]\n[SEP]\nwhat\nis\n##ive\nna\n?\n";
  private static final String TOKENIZER_CONFIG =
      "{\"do_lower_case\": true, \"model_max_length\": 16}";
  private static final Map<String, String> FOLDER =
      Map.of(
          "model.onnx",
          "no graph",
          "config.json",
          "{\"hidden_size\": 4, \"max_position_embeddings\": 16}",
          "vocab.txt",
          VOCABULARY,
          "tokenizer_config.json",
          TOKENIZER_CONFIG);
  private static final String TOKENIZER =
      """
      {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [
        {"id": 0, "content": "[UNK]", "single_word": false, "lstrip": false, "rstrip": false,
         "normalized": false, "special": true},
        {"id": 1, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false,
         "normalized": false, "special": true},
        {"id": 2, "content": "[SEP]", "single_word": false, "lstrip": false, "rstrip": false,
         "normalized": false, "special": true}],
       "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
         "strip_accents": null, "lowercase": true},
       "pre_tokenizer": {"type": "BertPreTokenizer"},
       "post_processor": {"type": "TemplateProcessing", "single": [
         {"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
         {"SpecialToken": {"id": "[SEP]", "type_id": 0}}], "pair": [],
         "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]},
           "[SEP]": {"id": "[SEP]", "ids": [2], "tokens": ["[SEP]"]}}},
       "decoder": null, "model": {"type": "WordPiece", "unk_token": "[UNK]",
         "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
         "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "what": 3, "is": 4, "##ive": 5, "na": 6}}}
      """;
  private static final String WORDS =
      """
      {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
       "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
       "post_processor": null, "decoder": null,
       "model": {"type": "WordLevel", "vocab": {"what": 0, "is": 1, "u": 2}, "unk_token": "u"}}
      """;

  /// It names a token that it does not define: the native library would end the process.
  private static final String TEMPLATE =
      """
      {"type": "TemplateProcessing", "pair": [], "special_tokens": {}, "single": [
        {"SpecialToken": {"id": "[X]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]}
      """;

  private static final String UNDEFINED_TOKEN =
      WORDS.replace("\"post_processor\": null", "\"post_processor\": " + TEMPLATE);

  private EncoderTargets() {}

  static List<FuzzTarget> all() {
    return List.of(
        target("tokenizer.json", TOKENIZER, WORDS, UNDEFINED_TOKEN),
        target("vocab.txt", VOCABULARY),
        target("tokenizer_config.json", TOKENIZER_CONFIG),
        target(
            "modules.json",
            """
            [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
             {"idx": 1, "name": "1", "path": "1", "type": "sentence_transformers.models.Pooling"}]
            """),
        target(
            "1/config.json",
            "{\"word_embedding_dimension\": 4, \"pooling_mode_cls_token\": true}"));
  }

  /// An encoder of which one file has other bytes.
  private static FuzzTarget target(String name, String... seeds) {
    Map<String, String> others = new HashMap<>(FOLDER);
    if (name.equals("1/config.json")) {
      others.put(
          "modules.json",
          "[{\"path\": \"\", \"type\": \"a.Transformer\"}, {\"path\": \"1\", \"type\": \"a.Pooling\"}]");
    } else if (name.equals("modules.json")) {
      others.put("1/config.json", "{\"pooling_mode_cls_token\": true}");
    }
    others.remove(name);
    return FuzzTarget.ofTexts(
        "encoder-" + name.replace('/', '-'),
        (folder, bytes) -> {
          Path encoder = folder.resolve("encoder");
          for (Map.Entry<String, String> other : others.entrySet()) {
            write(encoder, other.getKey(), other.getValue().getBytes(StandardCharsets.UTF_8));
          }
          write(encoder, name, bytes);
          try (QuestionEncoder opened =
              Encoders.open(
                  encoder.toString(), EncoderSettings.of(System.getenv()).withThreads(1))) {
            opened.tokenCount(TEXT);
          }
        },
        seeds);
  }

  private static void write(Path folder, String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    Files.write(file, bytes);
  }
}
