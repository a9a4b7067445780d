package org.embedllm.onnx;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.JsonTrees;
import org.embedllm.storage.Utf8Text;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The WordPiece tokenizer of BERT from its older files: `vocab.txt`, a piece on each line, and
/// `tokenizer_config.json`.
final class VocabularyFile {

  private VocabularyFile() {}

  /// What the `tokenizer.json` of the same tokenizer says.
  ///
  /// @throws BadInputException when a special token is not in the vocabulary
  static String tokenizer(Path vocabulary, JsonNode config) throws IOException {
    List<String> pieces = pieces(vocabulary);
    String unknown = special(config, "unk_token", "[UNK]");
    String first = special(config, "cls_token", "[CLS]");
    String last = special(config, "sep_token", "[SEP]");
    ObjectNode root = JsonTrees.object();
    root.put("version", "1.0");
    root.putNull("truncation").putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    for (String token : List.of(unknown, first, last)) {
      added
          .addObject()
          .put("id", id(pieces, token, vocabulary))
          .put("content", token)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    ObjectNode normalizer = root.putObject("normalizer");
    normalizer.put("type", "BertNormalizer").put("clean_text", true);
    normalizer.put("handle_chinese_chars", config.path("tokenize_chinese_chars").asBoolean(true));
    JsonNode accents = config.path("strip_accents");
    normalizer.set("strip_accents", accents.isBoolean() ? accents : JsonTrees.object().nullNode());
    normalizer.put("lowercase", config.path("do_lower_case").asBoolean(true));
    root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
    ObjectNode template = root.putObject("post_processor");
    template.put("type", "TemplateProcessing");
    sequence(template.putArray("single"), first, last, List.of("A"));
    sequence(template.putArray("pair"), first, last, List.of("A", "B"));
    ObjectNode specials = template.putObject("special_tokens");
    for (String token : List.of(first, last)) {
      ObjectNode entry = specials.putObject(token);
      entry.put("id", token);
      entry.putArray("ids").add(id(pieces, token, vocabulary));
      entry.putArray("tokens").add(token);
    }
    root.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
    ObjectNode model = root.putObject("model");
    model.put("type", "WordPiece").put("unk_token", unknown);
    model.put("continuing_subword_prefix", "##").put("max_input_chars_per_word", 100);
    ObjectNode vocab = model.putObject("vocab");
    for (int i = 0; i < pieces.size(); i++) {
      vocab.put(pieces.get(i), i);
    }
    return root.toString();
  }

  private static List<String> pieces(Path vocabulary) throws IOException {
    try (BufferedReader text = new BufferedReader(Utf8Text.open(vocabulary))) {
      return text.lines().toList();
    }
  }

  private static void sequence(ArrayNode into, String first, String last, List<String> texts) {
    token(into, first, 0);
    for (int type = 0; type < texts.size(); type++) {
      into.addObject().putObject("Sequence").put("id", texts.get(type)).put("type_id", type);
      token(into, last, type);
    }
  }

  private static void token(ArrayNode into, String token, int type) {
    into.addObject().putObject("SpecialToken").put("id", token).put("type_id", type);
  }

  /// A special token is named by a text, or by an object with its content.
  private static String special(JsonNode config, String key, String usual) {
    JsonNode named = config.path(key);
    return named.isObject() ? named.path("content").asString(usual) : named.asString(usual);
  }

  private static int id(List<String> pieces, String token, Path vocabulary) {
    int id = pieces.indexOf(token);
    if (id < 0) {
      throw BadInputException.in(
          vocabulary,
          "has no piece %s; only WordPiece vocabularies are read, others need tokenizer.json"
              .formatted(token));
    }
    return id;
  }
}
