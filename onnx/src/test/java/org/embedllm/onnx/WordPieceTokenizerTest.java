package org.embedllm.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The Java tokenizer beside the native library, on the same vocabulary.
class WordPieceTokenizerTest {
  private static byte[] json = new byte[0];
  private static HuggingFaceTextTokenizer oracle;
  private static WordPieceTokenizer tokenizer;

  @BeforeAll
  static void load() throws IOException {
    try (InputStream in =
        WordPieceTokenizerTest.class.getResourceAsStream("/all-minilm-l6-v2-tokenizer.json")) {
      json = in.readAllBytes();
    }
    oracle = HuggingFaceTextTokenizer.of(json, Path.of("target", "encoder-cache"));
    tokenizer =
        new WordPieceTokenizer(
            WordPieceVocabulary.read(json).orElseThrow(),
            new LazyTokenizer(() -> {
              throw new AssertionError("asked for a text that is known");
            }));
  }

  @AfterAll
  static void close() {
    oracle.close();
  }

  private static void assertSame(String text) {
    assertThat(tokenizer.tokenize(text, Integer.MAX_VALUE).ids())
        .as("tokens of <%s>", text)
        .isEqualTo(oracle.tokenize(text, Integer.MAX_VALUE).ids());
  }

  @Test
  void characters_known_giveTheTokensOfTheNativeLibrary() {
    StringBuilder text = new StringBuilder();
    for (int c = 0; c < 0x20000; c++) {
      String one = Character.toString(c);
      if (Character.getType(c) == Character.SURROGATE || !WordPieceTokenizer.knows(one)) {
        continue;
      }
      // In a word, alone, and at the end of one.
      text.append('a').append(one).append("b ").append(one).append(" Z").append(one).append(' ');
      if (text.length() > 4000) {
        assertSame(text.toString());
        text.setLength(0);
      }
    }
    assertSame(text.toString());
  }

  @Test
  void texts_random_giveTheTokensOfTheNativeLibrary() {
    Random random = new Random(11);
    String[] parts = {
      "The",
      "unbelievable",
      "x1",
      "3.14159",
      "[SEP]",
      "[CLS",
      "[MASK]]",
      "é",
      "e\u0301",
      "\u0130",
      "ΑΣ",
      "ß",
      "ﬁ",
      "  ",
      "\n",
      "\t",
      "\u00A0",
      "\u200B",
      "\u2028",
      "\uFEFF",
      "\0",
      "$",
      "€",
      "—",
      "’",
      "北京",
      "한국어",
      "ひらがな",
      "ＡＢ",
      "𝒳",
      "😀",
      "👩‍🔬",
      "\\frac{a}{b}",
      "∑",
      "don't",
      "##ing",
      "q".repeat(99),
      "q".repeat(101),
      "Привет",
      "naïve",
      "İstanbul",
      "\uFFFD",
      "½",
      "ﷺ",
      "[UNK]"
    };
    for (int round = 0; round < 2000; round++) {
      StringBuilder text = new StringBuilder();
      for (int k = random.nextInt(12); k >= 0; k--) {
        text.append(parts[random.nextInt(parts.length)]);
        if (random.nextBoolean()) {
          text.append(' ');
        }
      }
      if (WordPieceTokenizer.knows(text.toString())) {
        assertSame(text.toString());
      }
    }
  }

  @Test
  void text_longerThanTheMaximum_keepsItsEnd() {
    Tokens cut = tokenizer.tokenize("one two three four five", 4);
    assertThat(cut.uncut()).isEqualTo(7);
    long[] whole = tokenizer.tokenize("one two", 100).ids();
    assertThat(cut.ids()).isEqualTo(whole);
    assertThat(oracle.tokenize("one two three four five", 4).ids()).isEqualTo(whole);
  }

  @Test
  void text_withRareCharacters_goesToTheNativeLibrary() {
    assertThat(WordPieceTokenizer.knows("नमस्ते")).isFalse();
    assertThat(WordPieceTokenizer.knows("plain text, ∑ and 北京")).isTrue();
    try (WordPieceTokenizer whole =
        new WordPieceTokenizer(
            WordPieceVocabulary.read(json).orElseThrow(),
            HuggingFaceTextTokenizer.of(json, Path.of("target", "encoder-cache")))) {
      assertThat(whole.tokenize("नमस्ते", 100).ids())
          .isEqualTo(oracle.tokenize("नमस्ते", 100).ids());
    }
  }

  @Test
  void file_ofAnotherTokenizer_isLeftToTheNativeLibrary() {
    String text = new String(json, StandardCharsets.UTF_8);
    for (String change :
        new String[] {
          text.replace("\"lowercase\":true", "\"lowercase\":false"),
          text.replace("\"lowercase\": true", "\"lowercase\": false"),
          text.replace("BertPreTokenizer", "Whitespace"),
          text.replace("\"type\":\"WordPiece\"", "\"type\":\"Unigram\""),
          text.replace("TemplateProcessing", "ByteLevel"),
          "{}",
          "[",
        }) {
      if (!change.equals(text)) {
        assertThat(WordPieceVocabulary.read(change.getBytes(StandardCharsets.UTF_8))).isEmpty();
      }
    }
    assertThat(WordPieceVocabulary.read(json)).isPresent();
  }
}
