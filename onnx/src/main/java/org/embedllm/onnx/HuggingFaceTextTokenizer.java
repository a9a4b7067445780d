package org.embedllm.onnx;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.JsonTrees;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Any `tokenizer.json`, through the Hugging Face tokenizers library. Truncation is done here, so
/// that the number of tokens before it is known.
final class HuggingFaceTextTokenizer implements TextTokenizer {
  private final HuggingFaceTokenizer tokenizer;

  private HuggingFaceTextTokenizer(HuggingFaceTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /// @param json content of a `tokenizer.json`; its truncation and padding are ignored
  /// @param cache folder for the native library
  /// @throws BadInputException when it is no tokenizer
  static HuggingFaceTextTokenizer of(byte[] json, Path cache) {
    requireTokensOfTemplates(json);
    NativeLibraries.offline(cache);
    try {
      return new HuggingFaceTextTokenizer(
          HuggingFaceTokenizer.newInstance(
              new ByteArrayInputStream(json), Map.of("padding", "false", "truncation", "false")));
    } catch (RuntimeException | IOException e) {
      throw BadInputException.of(
          "the tokenizers library cannot read this tokenizer.json: " + e.getMessage());
    }
  }

  /// The library ends the whole process where a template names a token that it does not define.
  private static void requireTokensOfTemplates(byte[] json) {
    try {
      for (JsonNode processor : JsonTrees.read(json).findParents("special_tokens")) {
        for (JsonNode token : processor.findValues("SpecialToken")) {
          String id = token.path("id").asString("");
          if (!processor.path("special_tokens").has(id)) {
            throw BadInputException.of(
                "tokenizer.json: its template names the token \"%s\", which its special_tokens do not have"
                    .formatted(id));
          }
        }
      }
    } catch (JacksonException e) {
      throw BadInputException.of("tokenizer.json is no JSON: " + e.getOriginalMessage());
    }
  }

  @Override
  public Tokens tokenize(String text, int maxTokens) {
    Encoding encoding;
    try {
      encoding = tokenizer.encode(text, true, false);
    } catch (RuntimeException e) {
      throw BadInputException.of(
          "the tokenizers library cannot use this tokenizer.json: " + e.getMessage());
    }
    long[] special = encoding.getSpecialTokenMask();
    int atEnd = 0;
    while (atEnd < special.length && special[special.length - 1 - atEnd] == 1) {
      atEnd++;
    }
    return Tokens.cut(encoding.getIds(), atEnd, maxTokens);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
