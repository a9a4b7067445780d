package org.embedllm.linalg;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Register tiles of a matrix product for machines with 16 vector registers (AVX2): 6 rows by up to
/// 2 vectors, 12 accumulators. A larger tile spills registers and is twice as slow.
///
/// See [TallTile] for the reason that the code is long.
final class SmallTile {
  /// Rows of a tile.
  static final int ROWS = 6;

  /// Vectors side by side in a tile.
  static final int VECTORS = 2;

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private SmallTile() {}

  /// `C += A B` for one tile of C.
  ///
  /// @param vectors width of the tile, 1 to [#VECTORS]
  /// @param rows height of the tile, 1 to [#ROWS]; where it is less, the last row is computed again
  ///   in place of the missing ones, which stores the same values again
  static void multiplyAdd(
      int vectors,
      int rows,
      int k,
      float[] a,
      int aFrom,
      int aRow,
      int aColumn,
      float[] b,
      int bFrom,
      int bRow,
      float[] c,
      int cFrom,
      int cRow) {
    switch (vectors) {
      case 2 -> tile6x2(rows, k, a, aFrom, aRow, aColumn, b, bFrom, bRow, c, cFrom, cRow);
      case 1 -> tile6x1(rows, k, a, aFrom, aRow, aColumn, b, bFrom, bRow, c, cFrom, cRow);
      default -> throw new IllegalArgumentException("a tile has no width of " + vectors);
    }
  }

  /// 6 rows, 2 vectors wide.
  private static void tile6x2(
      int rows,
      int k,
      float[] a,
      int aFrom,
      int aRow,
      int aColumn,
      float[] b,
      int bFrom,
      int bRow,
      float[] c,
      int cFrom,
      int cRow) {
    int last = rows - 1;
    int a0 = aFrom;
    int c0 = cFrom;
    int a1 = aFrom + Math.min(1, last) * aRow;
    int c1 = cFrom + Math.min(1, last) * cRow;
    int a2 = aFrom + Math.min(2, last) * aRow;
    int c2 = cFrom + Math.min(2, last) * cRow;
    int a3 = aFrom + Math.min(3, last) * aRow;
    int c3 = cFrom + Math.min(3, last) * cRow;
    int a4 = aFrom + Math.min(4, last) * aRow;
    int c4 = cFrom + Math.min(4, last) * cRow;
    int a5 = aFrom + Math.min(5, last) * aRow;
    int c5 = cFrom + Math.min(5, last) * cRow;
    FloatVector s00 = FloatVector.fromArray(SPECIES, c, c0);
    FloatVector s01 = FloatVector.fromArray(SPECIES, c, c0 + LANES);
    FloatVector s10 = FloatVector.fromArray(SPECIES, c, c1);
    FloatVector s11 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
    FloatVector s20 = FloatVector.fromArray(SPECIES, c, c2);
    FloatVector s21 = FloatVector.fromArray(SPECIES, c, c2 + LANES);
    FloatVector s30 = FloatVector.fromArray(SPECIES, c, c3);
    FloatVector s31 = FloatVector.fromArray(SPECIES, c, c3 + LANES);
    FloatVector s40 = FloatVector.fromArray(SPECIES, c, c4);
    FloatVector s41 = FloatVector.fromArray(SPECIES, c, c4 + LANES);
    FloatVector s50 = FloatVector.fromArray(SPECIES, c, c5);
    FloatVector s51 = FloatVector.fromArray(SPECIES, c, c5 + LANES);
    int at = bFrom;
    for (int l = 0; l < k; l++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, at);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, at + LANES);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0]);
      s00 = x0.fma(b0, s00);
      s01 = x0.fma(b1, s01);
      a0 += aColumn;
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1]);
      s10 = x1.fma(b0, s10);
      s11 = x1.fma(b1, s11);
      a1 += aColumn;
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2]);
      s20 = x2.fma(b0, s20);
      s21 = x2.fma(b1, s21);
      a2 += aColumn;
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3]);
      s30 = x3.fma(b0, s30);
      s31 = x3.fma(b1, s31);
      a3 += aColumn;
      FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4]);
      s40 = x4.fma(b0, s40);
      s41 = x4.fma(b1, s41);
      a4 += aColumn;
      FloatVector x5 = FloatVector.broadcast(SPECIES, a[a5]);
      s50 = x5.fma(b0, s50);
      s51 = x5.fma(b1, s51);
      a5 += aColumn;
      at += bRow;
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c0 + LANES);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + LANES);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + LANES);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + LANES);
    s40.intoArray(c, c4);
    s41.intoArray(c, c4 + LANES);
    s50.intoArray(c, c5);
    s51.intoArray(c, c5 + LANES);
  }

  /// 6 rows, 1 vector wide.
  private static void tile6x1(
      int rows,
      int k,
      float[] a,
      int aFrom,
      int aRow,
      int aColumn,
      float[] b,
      int bFrom,
      int bRow,
      float[] c,
      int cFrom,
      int cRow) {
    int last = rows - 1;
    int a0 = aFrom;
    int c0 = cFrom;
    int a1 = aFrom + Math.min(1, last) * aRow;
    int c1 = cFrom + Math.min(1, last) * cRow;
    int a2 = aFrom + Math.min(2, last) * aRow;
    int c2 = cFrom + Math.min(2, last) * cRow;
    int a3 = aFrom + Math.min(3, last) * aRow;
    int c3 = cFrom + Math.min(3, last) * cRow;
    int a4 = aFrom + Math.min(4, last) * aRow;
    int c4 = cFrom + Math.min(4, last) * cRow;
    int a5 = aFrom + Math.min(5, last) * aRow;
    int c5 = cFrom + Math.min(5, last) * cRow;
    FloatVector s00 = FloatVector.fromArray(SPECIES, c, c0);
    FloatVector s10 = FloatVector.fromArray(SPECIES, c, c1);
    FloatVector s20 = FloatVector.fromArray(SPECIES, c, c2);
    FloatVector s30 = FloatVector.fromArray(SPECIES, c, c3);
    FloatVector s40 = FloatVector.fromArray(SPECIES, c, c4);
    FloatVector s50 = FloatVector.fromArray(SPECIES, c, c5);
    int at = bFrom;
    for (int l = 0; l < k; l++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, at);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0]);
      s00 = x0.fma(b0, s00);
      a0 += aColumn;
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1]);
      s10 = x1.fma(b0, s10);
      a1 += aColumn;
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2]);
      s20 = x2.fma(b0, s20);
      a2 += aColumn;
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3]);
      s30 = x3.fma(b0, s30);
      a3 += aColumn;
      FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4]);
      s40 = x4.fma(b0, s40);
      a4 += aColumn;
      FloatVector x5 = FloatVector.broadcast(SPECIES, a[a5]);
      s50 = x5.fma(b0, s50);
      a5 += aColumn;
      at += bRow;
    }
    s00.intoArray(c, c0);
    s10.intoArray(c, c1);
    s20.intoArray(c, c2);
    s30.intoArray(c, c3);
    s40.intoArray(c, c4);
    s50.intoArray(c, c5);
  }
}
