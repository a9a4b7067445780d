package org.embedllm.linalg;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/// A register tile of a matrix product in double: 4 rows by 3 vectors, 12 accumulators, for any
/// machine. See [TallTile] for the reason that the code is long.
final class DoubleTile {
  /// Rows of a tile.
  static final int ROWS = 4;

  private static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /// Columns of a tile.
  static final int COLUMNS = 3 * LANES;

  private DoubleTile() {}

  /// `C −= A B` for one tile of C.
  ///
  /// @param rows height of the tile, 1 to [#ROWS]; where it is less, the last row is computed again
  ///   in place of the missing ones, which stores the same values again
  static void subtractProduct(
      int rows,
      int k,
      double[] a,
      int aFrom,
      int aRow,
      double[] b,
      int bFrom,
      int bRow,
      double[] c,
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
    DoubleVector s00 = DoubleVector.fromArray(SPECIES, c, c0);
    DoubleVector s01 = DoubleVector.fromArray(SPECIES, c, c0 + LANES);
    DoubleVector s02 = DoubleVector.fromArray(SPECIES, c, c0 + 2 * LANES);
    DoubleVector s10 = DoubleVector.fromArray(SPECIES, c, c1);
    DoubleVector s11 = DoubleVector.fromArray(SPECIES, c, c1 + LANES);
    DoubleVector s12 = DoubleVector.fromArray(SPECIES, c, c1 + 2 * LANES);
    DoubleVector s20 = DoubleVector.fromArray(SPECIES, c, c2);
    DoubleVector s21 = DoubleVector.fromArray(SPECIES, c, c2 + LANES);
    DoubleVector s22 = DoubleVector.fromArray(SPECIES, c, c2 + 2 * LANES);
    DoubleVector s30 = DoubleVector.fromArray(SPECIES, c, c3);
    DoubleVector s31 = DoubleVector.fromArray(SPECIES, c, c3 + LANES);
    DoubleVector s32 = DoubleVector.fromArray(SPECIES, c, c3 + 2 * LANES);
    int at = bFrom;
    for (int l = 0; l < k; l++) {
      DoubleVector b0 = DoubleVector.fromArray(SPECIES, b, at);
      DoubleVector b1 = DoubleVector.fromArray(SPECIES, b, at + LANES);
      DoubleVector b2 = DoubleVector.fromArray(SPECIES, b, at + 2 * LANES);
      DoubleVector x0 = DoubleVector.broadcast(SPECIES, -a[a0 + l]);
      s00 = x0.fma(b0, s00);
      s01 = x0.fma(b1, s01);
      s02 = x0.fma(b2, s02);
      DoubleVector x1 = DoubleVector.broadcast(SPECIES, -a[a1 + l]);
      s10 = x1.fma(b0, s10);
      s11 = x1.fma(b1, s11);
      s12 = x1.fma(b2, s12);
      DoubleVector x2 = DoubleVector.broadcast(SPECIES, -a[a2 + l]);
      s20 = x2.fma(b0, s20);
      s21 = x2.fma(b1, s21);
      s22 = x2.fma(b2, s22);
      DoubleVector x3 = DoubleVector.broadcast(SPECIES, -a[a3 + l]);
      s30 = x3.fma(b0, s30);
      s31 = x3.fma(b1, s31);
      s32 = x3.fma(b2, s32);
      at += bRow;
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c0 + LANES);
    s02.intoArray(c, c0 + 2 * LANES);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + LANES);
    s12.intoArray(c, c1 + 2 * LANES);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + LANES);
    s22.intoArray(c, c2 + 2 * LANES);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + LANES);
    s32.intoArray(c, c3 + 2 * LANES);
  }
}
