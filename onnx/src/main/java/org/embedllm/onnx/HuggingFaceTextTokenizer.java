package org.embedllm.onnx;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;

/// Any `tokenizer.json`, through the Hugging Face tokenizers library. Cutting is done here, so that
/// the number of tokens before the cut is known.
final class HuggingFaceTextTokenizer implements TextTokenizer {
  private final HuggingFaceTokenizer tokenizer;

  /// @param json content of a `tokenizer.json`; its truncation and padding are ignored
  HuggingFaceTextTokenizer(byte[] json) throws IOException {
    this.tokenizer =
        HuggingFaceTokenizer.newInstance(
            new ByteArrayInputStream(json), Map.of("padding", "false", "truncation", "false"));
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
