package org.embedllm.onnx;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.embedllm.storage.JsonTrees;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The vocabulary of an uncased WordPiece tokenizer.
///
/// @param pieces all pieces, special tokens among them
/// @param special ids of special tokens as written in a text
/// @param cls id of the token in front
/// @param sep id of the token at the end
/// @param unknown id of a word that has no pieces
record WordPieceVocabulary(
    PieceTable pieces, Map<String, Integer> special, int cls, int sep, int unknown) {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES).build();
  private static final int EXPECTED_PIECES = 1 << 16;

  /// Reads a `tokenizer.json`; empty when it describes any other tokenizer than
  /// [WordPieceTokenizer] does.
  static Optional<WordPieceVocabulary> read(byte[] json) {
    Map<String, Integer> pieces = HashMap.newHashMap(EXPECTED_PIECES);
    ObjectNode rest = JsonTrees.object();
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      String outer = "";
      parser.nextToken();
      while (parser.nextToken() != null) {
        if (parser.currentToken() != JsonToken.PROPERTY_NAME) {
          outer = "";
          continue;
        }
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("model") && value == JsonToken.START_OBJECT) {
          outer = name;
        } else if (name.equals("vocab") && outer.equals("model")) {
          if (value != JsonToken.START_OBJECT || !pieces(parser, pieces)) {
            return Optional.empty();
          }
        } else {
          rest.set(outer.isEmpty() ? name : outer + "." + name, JsonTrees.read(parser));
        }
      }
    } catch (JacksonException e) {
      return Optional.empty();
    }
    return isUncasedBert(rest) ? vocabulary(pieces, special(rest)) : Optional.empty();
  }

  /// @return whether all of them have an id
  private static boolean pieces(JsonParser parser, Map<String, Integer> pieces) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String piece = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT || parser.getIntValue() < 0) {
        return false;
      }
      pieces.put(piece, parser.getIntValue());
    }
    return true;
  }

  private static boolean isUncasedBert(JsonNode rest) {
    JsonNode normalizer = rest.path("normalizer");
    return normalizer.path("type").asString("").equals("BertNormalizer")
        && normalizer.path("clean_text").asBoolean(false)
        && normalizer.path("handle_chinese_chars").asBoolean(false)
        && (normalizer.path("strip_accents").isNull()
            || normalizer.path("strip_accents").asBoolean(false))
        && normalizer.path("lowercase").asBoolean(false)
        && rest.path("pre_tokenizer").path("type").asString("").equals("BertPreTokenizer")
        && rest.path("model.type").asString("WordPiece").equals("WordPiece")
        && rest.path("model.continuing_subword_prefix").asString("").equals(PieceTable.INSIDE)
        && rest.path("model.max_input_chars_per_word").asInt(0) == 100
        && rest.path("model.unk_token").asString("").equals("[UNK]")
        && isClsAndSep(rest.path("post_processor"))
        && plain(rest.path("added_tokens"));
  }

  private static boolean isClsAndSep(JsonNode processor) {
    JsonNode single = processor.path("single");
    return processor.path("type").asString("").equals("TemplateProcessing")
        && single.size() == 3
        && single.path(0).path("SpecialToken").path("id").asString("").equals("[CLS]")
        && single.path(1).path("Sequence").path("id").asString("").equals("A")
        && single.path(2).path("SpecialToken").path("id").asString("").equals("[SEP]");
  }

  private static boolean plain(JsonNode added) {
    for (JsonNode token : added) {
      if (token.path("single_word").asBoolean(true)
          || token.path("lstrip").asBoolean(true)
          || token.path("rstrip").asBoolean(true)
          || token.path("normalized").asBoolean(true)
          || !token.path("content").asString("").startsWith("[")) {
        return false;
      }
    }
    return true;
  }

  private static Map<String, Integer> special(JsonNode rest) {
    Map<String, Integer> ids = new HashMap<>();
    for (JsonNode token : rest.path("added_tokens")) {
      ids.put(token.path("content").asString(""), token.path("id").asInt(0));
    }
    return ids;
  }

  private static Optional<WordPieceVocabulary> vocabulary(
      Map<String, Integer> pieces, Map<String, Integer> special) {
    Integer cls = special.get("[CLS]");
    Integer sep = special.get("[SEP]");
    Integer unknown = pieces.get("[UNK]");
    return cls == null || sep == null || unknown == null
        ? Optional.empty()
        : Optional.of(new WordPieceVocabulary(PieceTable.of(pieces), special, cls, sep, unknown));
  }
}
