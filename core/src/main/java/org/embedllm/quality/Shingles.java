package org.embedllm.quality;

import java.util.Arrays;
import java.util.stream.IntStream;

/// A text as the set of its runs of three words, hashed: the sketch by which texts are compared.
/// Letter case, punctuation and spaces do not count.
///
/// The similarity is Jaccard's, exact for texts of up to 512 different runs, else estimated from
/// the 512 smallest hashes of both (bottom-k sketch; Cohen and Kaplan 2007).
final class Shingles {
  private static final int WORDS = 3;
  private static final int MOST = 512;

  /// Bins of one permutation hashing, in bands that make texts candidates.
  private static final int BINS = 64;

  private static final int ROWS = 4;

  /// Number of keys of a text.
  static final int BANDS = BINS / ROWS;

  /// [#lower(int)] of ASCII.
  private static final int[] LOWER = IntStream.range(0, 128).map(Shingles::lower).toArray();

  private final int[] hashes; // distinct, ascending

  private Shingles(int[] hashes) {
    this.hashes = hashes;
  }

  static Shingles of(String text) {
    long[] words = words(text);
    int count = Math.max(1, words.length - WORDS + 1);
    int[] hashes = new int[count];
    for (int i = 0; i < count; i++) {
      long hash = 0;
      for (int w = i; w < Math.min(words.length, i + WORDS); w++) {
        hash = mixed(hash * 31 + words[w]);
      }
      hashes[i] = (int) (hash >>> 32);
    }
    Arrays.sort(hashes);
    int distinct = 1;
    for (int i = 1; i < count && distinct < MOST; i++) {
      if (hashes[i] != hashes[distinct - 1]) {
        hashes[distinct++] = hashes[i];
      }
    }
    return new Shingles(Arrays.copyOf(hashes, distinct));
  }

  /// The lower case of what belongs to a word; 0 for what separates words.
  private static int lower(int c) {
    return Character.isLetterOrDigit(c) || Character.isSurrogate((char) c)
        ? Character.toLowerCase(c)
        : 0;
  }

  /// A hash of each word.
  private static long[] words(String text) {
    long[] words = new long[16];
    int count = 0;
    long hash = 0;
    for (int at = 0; at <= text.length(); at++) {
      int c = at < text.length() ? text.charAt(at) : ' ';
      int lower = c < LOWER.length ? LOWER[c] : lower(c);
      if (lower != 0) {
        hash = (hash == 0 ? 7 : hash) * 1099511628211L + lower;
      } else if (hash != 0) {
        if (count == words.length) {
          words = Arrays.copyOf(words, 2 * count);
        }
        words[count++] = mixed(hash);
        hash = 0;
      }
    }
    return Arrays.copyOf(words, count);
  }

  /// The finalizer of SplitMix64.
  private static long mixed(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /// Keys of which two similar texts share at least one, very likely: [BANDS]. Minima of hashes by
  /// bin (one permutation hashing), an empty bin with the minimum of the next filled one.
  long[] bands() {
    long[] minima = new long[BINS];
    boolean[] filled = new boolean[BINS];
    for (int hash : hashes) {
      int bin = (int) (mixed(hash) >>> 58);
      if (!filled[bin]) {
        filled[bin] = true;
        minima[bin] = hash;
      }
    }
    int next = BINS;
    for (int bin = 2 * BINS - 1; bin >= 0; bin--) {
      if (filled[bin % BINS]) {
        next = bin;
      } else if (next < 2 * BINS && bin < BINS) {
        minima[bin] = mixed(minima[next % BINS] + (next - bin));
      }
    }
    long[] bands = new long[BANDS];
    for (int bin = 0; bin < BINS; bin++) {
      bands[bin / ROWS] = mixed(bands[bin / ROWS] * 31 + minima[bin] + bin / ROWS);
    }
    return bands;
  }

  /// The part of all runs that both texts have, between 0 and 1.
  double similarity(Shingles other) {
    int i = 0;
    int j = 0;
    int union = 0;
    int common = 0;
    int most = hashes.length == MOST || other.hashes.length == MOST ? MOST : Integer.MAX_VALUE;
    while ((i < hashes.length || j < other.hashes.length) && union < most) {
      union++;
      if (j == other.hashes.length) {
        i++;
      } else if (i == hashes.length) {
        j++;
      } else if (hashes[i] == other.hashes[j]) {
        common++;
        i++;
        j++;
      } else if (hashes[i] < other.hashes[j]) {
        i++;
      } else {
        j++;
      }
    }
    return (double) common / union;
  }
}
