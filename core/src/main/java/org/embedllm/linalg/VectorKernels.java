package org.embedllm.linalg;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Kernels on `jdk.incubator.vector`, at this machine's preferred width: [Approximations] and the
/// loops of [ScalarKernels], a vector at a time, the same operations in the same order.
///
/// The loops repeat the polynomials instead of calling shared methods. The just-in-time compiler
/// allocates an object for every vector that crosses a call it does not inline, and it stops
/// inlining when a method with its inlined calls grows too large (`NodeCountInliningCutoff`): code
/// in small methods ran up to ten times slower, depending on who called it. A loop that is long
/// itself (`FreqInlineSize`, 325 bytes) is compiled on its own, for any caller.
final class VectorKernels implements Kernels {
  /// Rows of B that a panel of C goes through at once: a panel of B then stays in the first cache.
  private static final int DEPTH = 128;

  /// Below this many rows of C a register tile is mostly empty and plain loops are as fast, without
  /// the slow start of vector code in a young JVM.
  private static final int LEAST_ROWS = 4;

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int ROUND_BITS = Float.floatToRawIntBits(Approximations.ROUND);
  private static final IntVector LANE_NUMBERS = IntVector.zero(INTS).addIndex(1);

  /// AVX-512 has 32 vector registers, as have 64-bit ARM and RISC-V; AVX2 has 16.
  private static final boolean MANY_REGISTERS =
      LANES >= 16 || !System.getProperty("os.arch", "").matches("amd64|x86_64|i386");

  private static final int TILE_ROWS = MANY_REGISTERS ? TallTile.ROWS : SmallTile.ROWS;
  private static final int TILE_VECTORS = MANY_REGISTERS ? TallTile.VECTORS : SmallTile.VECTORS;

  private final Kernels scalar = ScalarKernels.INSTANCE;

  @Override
  public int vectorBits() {
    return SPECIES.vectorBitSize();
  }

  @Override
  public void multiplyAdd(
      int m,
      int n,
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
    int whole = m < LEAST_ROWS ? 0 : n - n % LANES;
    for (int depth = 0; depth < k && whole > 0; depth += DEPTH) {
      int steps = Math.min(DEPTH, k - depth);
      int aAt = aFrom + depth * aColumn;
      int bAt = bFrom + depth * bRow;
      for (int j = 0; j < whole; j += TILE_VECTORS * LANES) {
        int vectors = Math.min(TILE_VECTORS, (whole - j) / LANES);
        for (int i = 0; i < m; i += TILE_ROWS) {
          int rows = Math.min(TILE_ROWS, m - i);
          tile(
              vectors,
              rows,
              steps,
              a,
              aAt + i * aRow,
              aRow,
              aColumn,
              b,
              bAt + j,
              bRow,
              c,
              cFrom + i * cRow + j,
              cRow);
        }
      }
    }
    if (whole < n) {
      scalar.multiplyAdd(
          m, n - whole, k, a, aFrom, aRow, aColumn, b, bFrom + whole, bRow, c, cFrom + whole, cRow);
    }
  }

  private static void tile(
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
    if (MANY_REGISTERS) {
      TallTile.multiplyAdd(
          vectors, rows, k, a, aFrom, aRow, aColumn, b, bFrom, bRow, c, cFrom, cRow);
    } else {
      SmallTile.multiplyAdd(
          vectors, rows, k, a, aFrom, aRow, aColumn, b, bFrom, bRow, c, cFrom, cRow);
    }
  }

  @Override
  public void subtractProduct(
      int m,
      int n,
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
    int whole = n - n % DoubleTile.COLUMNS;
    for (int j = 0; j < whole; j += DoubleTile.COLUMNS) {
      for (int i = 0; i < m; i += DoubleTile.ROWS) {
        int rows = Math.min(DoubleTile.ROWS, m - i);
        int aAt = aFrom + i * aRow;
        int cAt = cFrom + i * cRow + j;
        DoubleTile.subtractProduct(rows, k, a, aAt, aRow, b, bFrom + j, bRow, c, cAt, cRow);
      }
    }
    if (whole < n) {
      scalar.subtractProduct(
          m, n - whole, k, a, aFrom, aRow, b, bFrom + whole, bRow, c, cFrom + whole, cRow);
    }
  }

  @Override
  public void adam(
      AdamStep step,
      float[] parameters,
      float[] gradients,
      float[] firstMoments,
      float[] secondMoments,
      int from,
      int length) {
    FloatVector decay = FloatVector.broadcast(SPECIES, step.weightDecay());
    FloatVector beta1 = FloatVector.broadcast(SPECIES, step.beta1());
    FloatVector beta2 = FloatVector.broadcast(SPECIES, step.beta2());
    FloatVector correction = FloatVector.broadcast(SPECIES, step.rootCorrection());
    FloatVector epsilon = FloatVector.broadcast(SPECIES, step.epsilon());
    int end = from + length - length % LANES;
    for (int at = from; at < end; at += LANES) {
      FloatVector p = FloatVector.fromArray(SPECIES, parameters, at);
      FloatVector g = decay.fma(p, FloatVector.fromArray(SPECIES, gradients, at));
      FloatVector first =
          beta1.fma(FloatVector.fromArray(SPECIES, firstMoments, at), g.mul(step.keep1()));
      FloatVector second =
          beta2.fma(FloatVector.fromArray(SPECIES, secondMoments, at), g.mul(step.keep2()).mul(g));
      first.intoArray(firstMoments, at);
      second.intoArray(secondMoments, at);
      FloatVector root = second.sqrt().fma(correction, epsilon);
      p.sub(first.mul(step.rate()).div(root)).intoArray(parameters, at);
    }
    scalar.adam(step, parameters, gradients, firstMoments, secondMoments, end, from + length - end);
  }

  @Override
  public void addNoise(
      float[] from, int fromAt, float[] into, int intoAt, int length, float scale, long key) {
    int half = (length + 1) / 2;
    int whole = length / 2 - (length / 2) % LANES;
    radii(into, intoAt, whole, scale, (int) key);
    turn(from, fromAt, into, intoAt, half, whole, (int) (key >>> 32));
    ScalarKernels.addNoise(from, fromAt, into, intoAt, length, scale, key, whole);
  }

  /// Writes the radii of the first pairs to the positions of their first values.
  private static void radii(float[] into, int intoAt, int pairs, float scale, int key) {
    for (int i = 0; i < pairs; i += LANES) {
      IntVector random = LANE_NUMBERS.add(i).mul(Approximations.WEYL).add(key);
      random = random.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.XOR, random);
      random = random.mul(Approximations.MIX1);
      random = random.lanewise(VectorOperators.LSHR, 13).lanewise(VectorOperators.XOR, random);
      random = random.mul(Approximations.MIX2);
      random = random.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.XOR, random);
      FloatVector u =
          toFloats(random.lanewise(VectorOperators.LSHR, 8).add(1)).mul(Approximations.TO_UNIT);
      // log(u)
      IntVector bits = u.reinterpretAsInts().sub(Approximations.ROOT_HALF_BITS);
      FloatVector exponent = toFloats(bits.lanewise(VectorOperators.ASHR, 23));
      FloatVector f =
          bits.and(0x7fffff).add(Approximations.ROOT_HALF_BITS).reinterpretAsFloats().sub(1f);
      FloatVector q =
          constant(Approximations.L6)
              .fma(f, constant(Approximations.L5))
              .fma(f, constant(Approximations.L4))
              .fma(f, constant(Approximations.L3))
              .fma(f, constant(Approximations.L2))
              .fma(f, constant(Approximations.L1))
              .fma(f, constant(Approximations.L0));
      FloatVector square = f.mul(f);
      FloatVector tail = constant(-0.5f).fma(square, q.mul(square.mul(f)));
      FloatVector log =
          exponent.fma(
              constant(Approximations.LN2_HIGH),
              exponent.fma(constant(Approximations.LN2_LOW), tail).add(f));
      log.mul(-2f).sqrt().mul(scale).intoArray(into, intoAt + i);
    }
  }

  /// Turns radii into pairs of values and adds them.
  private static void turn(
      float[] from, int fromAt, float[] into, int intoAt, int half, int pairs, int key) {
    for (int i = 0; i < pairs; i += LANES) {
      IntVector angle = LANE_NUMBERS.add(i).mul(Approximations.WEYL).add(key);
      angle = angle.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.XOR, angle);
      angle = angle.mul(Approximations.MIX1);
      angle = angle.lanewise(VectorOperators.LSHR, 13).lanewise(VectorOperators.XOR, angle);
      angle = angle.mul(Approximations.MIX2);
      angle = angle.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.XOR, angle);
      FloatVector f =
          toFloats(angle.lanewise(VectorOperators.LSHL, 2).lanewise(VectorOperators.ASHR, 8))
              .mul(Approximations.TO_UNIT);
      FloatVector square = f.mul(f);
      FloatVector sine =
          constant(Approximations.S3)
              .fma(square, constant(Approximations.S2))
              .fma(square, constant(Approximations.S1))
              .fma(square, constant(Approximations.S0))
              .mul(f);
      FloatVector cosine =
          constant(Approximations.C3)
              .fma(square, constant(Approximations.C2))
              .fma(square, constant(Approximations.C1))
              .fma(square, constant(Approximations.C0))
              .fma(square, constant(1f));
      // The quadrant swaps the two and turns their signs.
      VectorMask<Float> swap = angle.lanewise(VectorOperators.LSHL, 1).lt(0).cast(SPECIES);
      IntVector turned = angle.add(1 << 30).and(1 << 31);
      FloatVector along =
          cosine
              .blend(sine, swap)
              .reinterpretAsInts()
              .lanewise(VectorOperators.XOR, turned)
              .reinterpretAsFloats();
      FloatVector across =
          sine.blend(cosine, swap)
              .reinterpretAsInts()
              .lanewise(VectorOperators.XOR, angle.and(1 << 31))
              .reinterpretAsFloats();
      FloatVector radius = FloatVector.fromArray(SPECIES, into, intoAt + i);
      radius
          .fma(along, FloatVector.fromArray(SPECIES, from, fromAt + i))
          .intoArray(into, intoAt + i);
      radius
          .fma(across, FloatVector.fromArray(SPECIES, from, fromAt + half + i))
          .intoArray(into, intoAt + half + i);
    }
  }

  @Override
  public void crossEntropy(
      float[] logits, float[] targets, float[] losses, int from, int length, float scale) {
    int end = from + length - length % LANES;
    tails(logits, losses, from, end);
    gradients(logits, targets, losses, from, end, scale);
    scalar.crossEntropy(logits, targets, losses, end, from + length - end, scale);
  }

  /// Losses and gradients from logits and what [#tails] left in `losses`.
  private static void gradients(
      float[] logits, float[] targets, float[] losses, int from, int end, float scale) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    for (int at = from; at < end; at += LANES) {
      FloatVector z = FloatVector.fromArray(SPECIES, logits, at);
      FloatVector y = FloatVector.fromArray(SPECIES, targets, at);
      VectorMask<Float> observed = y.compare(VectorOperators.EQ, y);
      FloatVector tail = FloatVector.fromArray(SPECIES, losses, at);
      // log(1 + exp(−|z|))
      FloatVector sum = tail.add(1f);
      IntVector bits = sum.reinterpretAsInts().sub(Approximations.ROOT_HALF_BITS);
      FloatVector exponent = toFloats(bits.lanewise(VectorOperators.ASHR, 23));
      FloatVector f =
          bits.and(0x7fffff).add(Approximations.ROOT_HALF_BITS).reinterpretAsFloats().sub(1f);
      FloatVector q =
          constant(Approximations.L6)
              .fma(f, constant(Approximations.L5))
              .fma(f, constant(Approximations.L4))
              .fma(f, constant(Approximations.L3))
              .fma(f, constant(Approximations.L2))
              .fma(f, constant(Approximations.L1))
              .fma(f, constant(Approximations.L0));
      FloatVector square = f.mul(f);
      FloatVector log =
          exponent.fma(
              constant(Approximations.LN2_HIGH),
              exponent
                  .fma(
                      constant(Approximations.LN2_LOW),
                      constant(-0.5f).fma(square, q.mul(square.mul(f))))
                  .add(f));
      FloatVector upper = one.div(sum);
      FloatVector s = one.sub(upper).blend(upper, z.compare(VectorOperators.GE, 0f));
      FloatVector loss = z.neg().fma(y, z.max(0f)).add(log);
      FloatVector.zero(SPECIES).blend(loss, observed).intoArray(losses, at);
      FloatVector.zero(SPECIES).blend(s.sub(y).mul(scale), observed).intoArray(logits, at);
    }
  }

  /// Writes exp(−|z|), from `from` to `end`; the two arrays may be one.
  private static void tails(float[] z, float[] into, int from, int end) {
    for (int at = from; at < end; at += LANES) {
      FloatVector x =
          FloatVector.fromArray(SPECIES, z, at).abs().neg().max(Approximations.LEAST_EXPONENT);
      FloatVector shifted = x.fma(constant(Approximations.LOG2_E), constant(Approximations.ROUND));
      FloatVector n = shifted.sub(Approximations.ROUND);
      FloatVector r =
          n.fma(constant(-Approximations.LN2_LOW), n.fma(constant(-Approximations.LN2_HIGH), x));
      FloatVector p =
          constant(Approximations.E4)
              .fma(r, constant(Approximations.E3))
              .fma(r, constant(Approximations.E2))
              .fma(r, constant(Approximations.E1))
              .fma(r, constant(Approximations.E0))
              .fma(r.mul(r), r)
              .add(1f);
      shifted
          .reinterpretAsInts()
          .sub(ROUND_BITS)
          .lanewise(VectorOperators.LSHL, 23)
          .add(p.reinterpretAsInts())
          .reinterpretAsFloats()
          .intoArray(into, at);
    }
  }

  @Override
  public void sigmoid(float[] x, int from, int length) {
    int end = from + length - length % LANES;
    sigmoids(x, from, end);
    scalar.sigmoid(x, end, from + length - end);
  }

  private static void sigmoids(float[] x, int from, int end) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    for (int at = from; at < end; at += LANES) {
      FloatVector z = FloatVector.fromArray(SPECIES, x, at);
      // exp(−|z|), as in #tails
      FloatVector least = z.abs().neg().max(Approximations.LEAST_EXPONENT);
      FloatVector shifted =
          least.fma(constant(Approximations.LOG2_E), constant(Approximations.ROUND));
      FloatVector n = shifted.sub(Approximations.ROUND);
      FloatVector r =
          n.fma(
              constant(-Approximations.LN2_LOW), n.fma(constant(-Approximations.LN2_HIGH), least));
      FloatVector p =
          constant(Approximations.E4)
              .fma(r, constant(Approximations.E3))
              .fma(r, constant(Approximations.E2))
              .fma(r, constant(Approximations.E1))
              .fma(r, constant(Approximations.E0))
              .fma(r.mul(r), r)
              .add(1f);
      FloatVector tail =
          shifted
              .reinterpretAsInts()
              .sub(ROUND_BITS)
              .lanewise(VectorOperators.LSHL, 23)
              .add(p.reinterpretAsInts())
              .reinterpretAsFloats();
      FloatVector upper = one.div(tail.add(1f));
      one.sub(upper).blend(upper, z.compare(VectorOperators.GE, 0f)).intoArray(x, at);
    }
  }

  @Override
  public void exponentials(float[] x, int from, int length) {
    int end = from + length - length % LANES;
    tails(x, x, from, end);
    scalar.exponentials(x, end, from + length - end);
  }

  @Override
  public float dot(float[] a, int aFrom, float[] b, int bFrom, int length, float[] lanes) {
    if (DOT_LANES % LANES != 0) {
      return scalar.dot(a, aFrom, b, bFrom, length, lanes);
    }
    for (int part = 0; part < DOT_LANES; part += LANES) {
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int i = part; i < length; i += DOT_LANES) {
        sum =
            FloatVector.fromArray(SPECIES, a, aFrom + i)
                .fma(FloatVector.fromArray(SPECIES, b, bFrom + i), sum);
      }
      sum.intoArray(lanes, part);
    }
    return ScalarKernels.sumInPairs(lanes);
  }

  @Override
  public void scaleRows(
      int rows,
      int columns,
      float[] factors,
      int factorsFrom,
      float[] a,
      int aFrom,
      int aRow,
      float[] c,
      int cRow) {
    int whole = columns - columns % LANES;
    for (int i = 0; i < rows; i++) {
      float factor = factors[factorsFrom + i];
      int from = aFrom + i * aRow;
      int into = i * cRow;
      for (int k = 0; k < whole; k += LANES) {
        FloatVector.fromArray(SPECIES, a, from + k).mul(factor).intoArray(c, into + k);
      }
      for (int k = whole; k < columns; k++) {
        c[into + k] = factor * a[from + k];
      }
    }
  }

  @Override
  public void multiply(
      float[] x, int xFrom, float[] y, int yFrom, float[] z, int zFrom, int length) {
    int whole = length - length % LANES;
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xFrom + i)
          .mul(FloatVector.fromArray(SPECIES, y, yFrom + i))
          .intoArray(z, zFrom + i);
    }
    scalar.multiply(x, xFrom + whole, y, yFrom + whole, z, zFrom + whole, length - whole);
  }

  @Override
  public void addProducts(
      float[] x, int xFrom, float[] y, int yFrom, float[] z, int zFrom, int length) {
    int whole = length - length % LANES;
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xFrom + i)
          .fma(
              FloatVector.fromArray(SPECIES, y, yFrom + i),
              FloatVector.fromArray(SPECIES, z, zFrom + i))
          .intoArray(z, zFrom + i);
    }
    scalar.addProducts(x, xFrom + whole, y, yFrom + whole, z, zFrom + whole, length - whole);
  }

  @Override
  public void addScaled(float factor, float[] x, int xFrom, float[] y, int yFrom, int length) {
    int whole = length - length % LANES;
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xFrom + i)
          .fma(constant(factor), FloatVector.fromArray(SPECIES, y, yFrom + i))
          .intoArray(y, yFrom + i);
    }
    scalar.addScaled(factor, x, xFrom + whole, y, yFrom + whole, length - whole);
  }

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }

  private static FloatVector toFloats(IntVector x) {
    return (FloatVector) x.convert(VectorOperators.I2F, 0);
  }
}
