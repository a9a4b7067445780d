package org.embedllm.onnx;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.embedllm.storage.BadInputException;

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

  @Override
  public Tokens tokenize(String text, int maxTokens) {
    Encoding encoding = tokenizer.encode(text, true, false);
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
