package org.embedllm.onnx;

import java.nio.ByteBuffer;
import java.util.Map;

/// The pieces of a WordPiece vocabulary with their ids: a hash table with linear probing in a few
/// arrays, so that it is read from a file as it is. Immutable.
///
/// A piece inside a word is found without its `##` being written in front of the text.
final class PieceTable {
  static final String INSIDE = "##"; // in front of a piece inside a word
  static final int NONE = -1;

  private static final int INSIDE_HASH = hash(hash(0, '#'), '#');

  private final int[] ids; // of the pieces
  private final int[] starts; // of the pieces in characters, and the end of the last one
  private final int[] slots; // number of a piece plus 1, or 0 where free; a power of two of them
  private final char[] characters;
  private final int longest; // characters of a piece

  private PieceTable(int[] ids, int[] starts, int[] slots, char[] characters, int longest) {
    this.ids = ids;
    this.starts = starts;
    this.slots = slots;
    this.characters = characters;
    this.longest = longest;
  }

  /// @param idsOfPieces ids by piece, as the vocabulary writes them
  static PieceTable of(Map<String, Integer> idsOfPieces) {
    int count = idsOfPieces.size();
    int[] ids = new int[count];
    int[] starts = new int[count + 1];
    int[] slots = new int[Integer.highestOneBit(count + 1) * 4]; // at most half of them are taken
    StringBuilder characters = new StringBuilder(count * 8);
    int longest = 0;
    int piece = 0;
    for (var entry : idsOfPieces.entrySet()) {
      String text = entry.getKey();
      int slot = first(hash(text), slots);
      while (slots[slot] != 0) {
        slot = (slot + 1) & (slots.length - 1);
      }
      slots[slot] = piece + 1;
      ids[piece] = entry.getValue();
      characters.append(text);
      longest = Math.max(longest, text.length());
      starts[++piece] = characters.length();
    }
    return new PieceTable(ids, starts, slots, characters.toString().toCharArray(), longest);
  }

  /// The longest piece that a word has at some place.
  ///
  /// @param from the place; behind the first one, pieces inside a word are looked for
  /// @return the piece for [#id(int)] and [#length], or [#NONE]
  int longest(String word, int from) {
    int skipped = from == 0 ? 0 : INSIDE.length();
    int hash = from == 0 ? 0 : INSIDE_HASH;
    int end = from + Math.min(word.length() - from, longest - skipped);
    int best = NONE;
    for (int to = from + 1; to <= end; to++) {
      hash = hash(hash, word.charAt(to - 1));
      int found = find(hash, word, from, to, skipped);
      if (found != NONE) {
        best = found;
      }
    }
    return best;
  }

  /// @param piece that [#longest] found
  int id(int piece) {
    return ids[piece];
  }

  /// The characters of a piece in a word.
  ///
  /// @param piece that [#longest] found
  /// @param from the place where it was found
  int length(int piece, int from) {
    return starts[piece + 1] - starts[piece] - (from == 0 ? 0 : INSIDE.length());
  }

  /// Ends also where a damaged file has no free slot.
  ///
  /// @param skipped characters in front of the piece that the text does not have; the hash says
  ///   which
  private int find(int hash, String text, int from, int to, int skipped) {
    int slot = first(hash, slots);
    for (int left = slots.length; left > 0 && slots[slot] != 0; left--) {
      int piece = slots[slot] - 1;
      if (isAt(piece, text, from, to, skipped)) {
        return piece;
      }
      slot = (slot + 1) & (slots.length - 1);
    }
    return NONE;
  }

  private boolean isAt(int piece, String text, int from, int to, int skipped) {
    if (piece < 0 || piece >= ids.length) {
      return false; // of a damaged file
    }
    int start = starts[piece];
    int end = starts[piece + 1];
    if (start < 0 || end > characters.length || end - start != to - from + skipped) {
      return false;
    }
    for (int k = 0; k < skipped; k++) {
      if (characters[start + k] != INSIDE.charAt(k)) {
        return false;
      }
    }
    for (int k = start + skipped, at = from; k < end; k++, at++) {
      if (characters[k] != text.charAt(at)) {
        return false;
      }
    }
    return true;
  }

  private static int hash(String text) {
    int hash = 0;
    for (int k = 0; k < text.length(); k++) {
      hash = hash(hash, text.charAt(k));
    }
    return hash;
  }

  private static int hash(int before, char next) {
    return 31 * before + next;
  }

  /// The slot where a search begins: the upper bits of a product depend on all bits of the hash.
  /// Files hold slots by this and by the hash: change [PieceFile]'s format with either.
  private static int first(int hash, int[] slots) {
    return (hash * 0x9E3779B9) >>> Integer.numberOfLeadingZeros(slots.length - 1);
  }

  /// Bytes of the table in a file.
  int bytes() {
    return Integer.BYTES * (4 + ids.length + starts.length + slots.length)
        + Character.BYTES * characters.length;
  }

  /// Writes the sizes and the arrays, and moves on.
  void write(ByteBuffer to) {
    to.putInt(ids.length).putInt(slots.length).putInt(characters.length).putInt(longest);
    for (int[] numbers : new int[][] {ids, starts, slots}) {
      to.asIntBuffer().put(numbers);
      to.position(to.position() + Integer.BYTES * numbers.length);
    }
    to.asCharBuffer().put(characters);
    to.position(to.position() + Character.BYTES * characters.length);
  }

  /// Reads what [#write] wrote, and moves on.
  ///
  /// @throws java.nio.BufferUnderflowException when there is less
  /// @throws IllegalArgumentException when the sizes are none of a table
  static PieceTable read(ByteBuffer from) {
    int count = from.getInt();
    int places = from.getInt();
    int length = from.getInt();
    int longest = from.getInt();
    long bytes = (long) Integer.BYTES * (2L * count + 1 + places) + (long) Character.BYTES * length;
    if (count < 0
        || length < 0
        || longest < 0
        || places <= Math.max(1, count)
        || Integer.bitCount(places) != 1
        || bytes > from.remaining()) {
      throw new IllegalArgumentException("no table of pieces");
    }
    int[] ids = ints(from, count);
    int[] starts = ints(from, count + 1);
    int[] slots = ints(from, places);
    char[] characters = new char[length];
    from.asCharBuffer().get(characters);
    from.position(from.position() + Character.BYTES * length);
    return new PieceTable(ids, starts, slots, characters, longest);
  }

  private static int[] ints(ByteBuffer from, int count) {
    int[] numbers = new int[count];
    from.asIntBuffer().get(numbers);
    from.position(from.position() + Integer.BYTES * count);
    return numbers;
  }
}
