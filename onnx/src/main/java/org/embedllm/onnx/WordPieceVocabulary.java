package org.embedllm.onnx;

import java.util.HashMap;
import java.util.List;
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
/// @param starts ids of all pieces as the vocabulary writes them
/// @param continuations ids of pieces inside a word, without their `##`
/// @param special ids of special tokens as written in a text
/// @param longestPiece characters of the longest piece
/// @param cls id of the token in front
/// @param sep id of the token at the end
/// @param unknown id of a word that has no pieces
record WordPieceVocabulary(
    Map<String, Integer> starts,
    Map<String, Integer> continuations,
    Map<String, Integer> special,
    int longestPiece,
    int cls,
    int sep,
    int unknown) {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES).build();
  private static final String PREFIX = "##";
  private static final int EXPECTED_PIECES = 1 << 16;

  /// Reads a `tokenizer.json`; empty when it describes any other tokenizer than
  /// [WordPieceTokenizer] does.
  static Optional<WordPieceVocabulary> read(byte[] json) {
    Map<String, Integer> starts = HashMap.newHashMap(EXPECTED_PIECES);
    Map<String, Integer> continuations = HashMap.newHashMap(EXPECTED_PIECES / 4);
    ObjectNode rest = JsonTrees.object();
    int longest = 0;
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
          if (value != JsonToken.START_OBJECT) {
            return Optional.empty();
          }
          longest = pieces(parser, starts, continuations);
        } else {
          rest.set(outer.isEmpty() ? name : outer + "." + name, JsonTrees.read(parser));
        }
      }
    } catch (JacksonException e) {
      return Optional.empty();
    }
    return isUncasedBert(rest)
        ? vocabulary(starts, continuations, special(rest), longest)
        : Optional.empty();
  }

  private static int pieces(
      JsonParser parser, Map<String, Integer> starts, Map<String, Integer> continuations) {
    int longest = 0;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String piece = parser.currentName();
      parser.nextToken();
      longest = Math.max(longest, put(piece, parser.getIntValue(), starts, continuations));
    }
    return longest;
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
        && rest.path("model.continuing_subword_prefix").asString("").equals(PREFIX)
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

  /// A vocabulary from all pieces, special tokens among them, in the order of their ids.
  static WordPieceVocabulary of(
      List<String> pieces, Map<String, Integer> special, int cls, int sep, int unknown) {
    Map<String, Integer> starts = HashMap.newHashMap(pieces.size());
    Map<String, Integer> continuations = HashMap.newHashMap(pieces.size() / 4);
    int longest = 0;
    for (int id = 0; id < pieces.size(); id++) {
      longest = Math.max(longest, put(pieces.get(id), id, starts, continuations));
    }
    return new WordPieceVocabulary(starts, continuations, special, longest, cls, sep, unknown);
  }

  /// All pieces in the order of their ids; empty where an id is missing or a piece has a line
  /// break.
  Optional<List<String>> pieces() {
    String[] byId = new String[starts.size()];
    for (var piece : starts.entrySet()) {
      int id = piece.getValue();
      if (id < 0 || id >= byId.length || byId[id] != null || piece.getKey().indexOf('\n') >= 0) {
        return Optional.empty();
      }
      byId[id] = piece.getKey();
    }
    return Optional.of(List.of(byId));
  }

  /// @return the length of the piece
  private static int put(
      String piece, int id, Map<String, Integer> starts, Map<String, Integer> continuations) {
    if (piece.startsWith(PREFIX) && piece.length() > PREFIX.length()) {
      continuations.put(piece.substring(PREFIX.length()), id);
    }
    starts.put(piece, id);
    return piece.length();
  }

  private static Optional<WordPieceVocabulary> vocabulary(
      Map<String, Integer> starts,
      Map<String, Integer> continuations,
      Map<String, Integer> special,
      int longest) {
    Integer cls = special.get("[CLS]");
    Integer sep = special.get("[SEP]");
    Integer unknown = starts.get("[UNK]");
    return cls == null || sep == null || unknown == null
        ? Optional.empty()
        : Optional.of(
            new WordPieceVocabulary(starts, continuations, special, longest, cls, sep, unknown));
  }
}
