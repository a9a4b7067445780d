package org.embedllm.onnx;

import java.text.Normalizer;
import java.util.Arrays;

/// The tokenizer of uncased BERT models and their descendants (MiniLM, BGE, E5, GTE), in Java: it
/// starts in a tenth of the time of the native library, which matters where one prompt is routed.
///
/// 1. Special tokens written out in the text, such as `[SEP]`, are kept as they are.
/// 2. Control characters are removed, white space becomes a space, CJK ideographs become separate
///    words.
/// 3. Canonical decomposition (NFD), non-spacing marks are removed, lower case.
/// 4. Words end at white space; each punctuation character is a word.
/// 5. A word is cut into the longest pieces of the vocabulary from the left; a word without such
///    pieces, or of more than 100 characters, is `[UNK]` as a whole.
///
/// Texts with characters for which the native library has older Unicode tables than this JVM
/// (recently added marks and punctuation) go to the native library; [#knows] says which.
final class WordPieceTokenizer implements TextTokenizer {
  private static final int LONGEST_WORD = 100;

  private final WordPieceVocabulary vocabulary;
  private final TextTokenizer rareCharacters;

  /// @param rareCharacters takes the texts that are not [#knows]
  WordPieceTokenizer(WordPieceVocabulary vocabulary, TextTokenizer rareCharacters) {
    this.vocabulary = vocabulary;
    this.rareCharacters = rareCharacters;
  }

  @Override
  public Tokens tokenize(String text, int maxTokens) {
    if (!knows(text)) {
      return rareCharacters.tokenize(text, maxTokens);
    }
    Ids ids = new Ids(text.length() / 3 + 8);
    ids.add(vocabulary.cls());
    int from = 0;
    while (true) {
      int at = text.length();
      String special = "";
      if (text.indexOf('[', from) >= 0) {
        for (String candidate : vocabulary.special().keySet()) {
          int found = text.indexOf(candidate, from);
          if (found >= 0 && found < at) {
            at = found;
            special = candidate;
          }
        }
      }
      words(text.substring(from, at), ids);
      if (special.isEmpty()) {
        break;
      }
      ids.add(vocabulary.special().getOrDefault(special, vocabulary.unknown()));
      from = at + special.length();
    }
    ids.add(vocabulary.sep());
    return Tokens.cut(ids.toArray(), 1, maxTokens);
  }

  /// Whether all characters are of blocks in which nothing has changed since the native library's
  /// tables were made.
  static boolean knows(String text) {
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      boolean settled =
          c < 0x61D
              || (c >= 0x1E00 && c < 0x2E43)
              || (c >= 0x2E5E && c < 0xA82C)
              || (c >= 0xAC00 && c < 0xD800)
              || (c >= 0xE000 && c < 0x10000)
              || (c >= 0x1D000 && c < 0x1DF00)
              || (c >= 0x1F000 && c <= 0x10FFFF);
      if (!settled) {
        return false;
      }
      i += Character.charCount(c);
    }
    return true;
  }

  private void words(String text, Ids ids) {
    String clean = isAscii(text) ? text : decomposed(text);
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < clean.length(); ) {
      int c = clean.codePointAt(i);
      i += Character.charCount(c);
      if (isDropped(c) || Character.getType(c) == Character.NON_SPACING_MARK) {
        continue;
      }
      int lower = Character.toLowerCase(c);
      if (isSpace(lower)) {
        end(word, ids);
      } else if (isPunctuation(lower)) {
        end(word, ids);
        word.appendCodePoint(lower);
        end(word, ids);
      } else {
        word.appendCodePoint(lower);
      }
    }
    end(word, ids);
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  /// Without control characters, with ideographs between spaces, decomposed.
  private static String decomposed(String text) {
    StringBuilder clean = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (isDropped(c)) {
        continue;
      }
      if (isIdeograph(c)) {
        clean.append(' ').appendCodePoint(c).append(' ');
      } else if (isSpace(c)) {
        clean.append(' ');
      } else {
        clean.appendCodePoint(c);
      }
    }
    return Normalizer.normalize(clean, Normalizer.Form.NFD);
  }

  private static boolean isDropped(int c) {
    if (c == '\t' || c == '\n' || c == '\r') {
      return false;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE -> true;
      default -> c == 0xFFFD;
    };
  }

  private static boolean isSpace(int c) {
    return c == '\t' || c == '\n' || c == '\r' || Character.isSpaceChar(c);
  }

  private static boolean isPunctuation(int c) {
    if (c < 0x80) {
      return (c >= '!' && c <= '/')
          || (c >= ':' && c <= '@')
          || (c >= '[' && c <= '`')
          || (c >= '{' && c <= '~');
    }
    return switch (Character.getType(c)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          true;
      default -> false;
    };
  }

  private static boolean isIdeograph(int c) {
    return (c >= 0x4E00 && c <= 0x9FFF)
        || (c >= 0x3400 && c <= 0x4DBF)
        || (c >= 0x20000 && c <= 0x2A6DF)
        || (c >= 0x2A700 && c <= 0x2B73F)
        || (c >= 0x2B740 && c <= 0x2B81F)
        || (c >= 0x2B920 && c <= 0x2CEAF)
        || (c >= 0xF900 && c <= 0xFAFF)
        || (c >= 0x2F800 && c <= 0x2FA1F);
  }

  /// Cuts the word into pieces and clears it.
  private void end(StringBuilder word, Ids ids) {
    if (word.isEmpty()) {
      return;
    }
    String whole = word.toString();
    word.setLength(0);
    int before = ids.size();
    if (whole.codePointCount(0, whole.length()) > LONGEST_WORD) {
      ids.add(vocabulary.unknown());
      return;
    }
    PieceTable pieces = vocabulary.pieces();
    int start = 0;
    while (start < whole.length()) {
      int piece = pieces.longest(whole, start);
      if (piece == PieceTable.NONE) {
        ids.truncate(before);
        ids.add(vocabulary.unknown());
        return;
      }
      ids.add(pieces.id(piece));
      start += pieces.length(piece, start);
    }
  }

  @Override
  public void close() {
    rareCharacters.close();
  }

  /// A growing list of ids.
  private static final class Ids {
    private long[] values;
    private int size;

    Ids(int capacity) {
      values = new long[capacity];
    }

    void add(long id) {
      if (size == values.length) {
        values = Arrays.copyOf(values, size * 2);
      }
      values[size++] = id;
    }

    int size() {
      return size;
    }

    void truncate(int length) {
      size = length;
    }

    long[] toArray() {
      return Arrays.copyOf(values, size);
    }
  }
}
