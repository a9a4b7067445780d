package org.embedllm.linalg;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Kernels on `jdk.incubator.vector`, at whatever width this machine prefers.
final class VectorKernels implements Kernels {
  /// Rows of B that a panel of C goes through at once: a panel of B then stays in the first cache.
  private static final int DEPTH = 128;

  /// Below this many rows of C a register tile is mostly empty and plain loops are as fast, without
  /// the slow start of vector code in a young JVM.
  private static final int LEAST_ROWS = 4;

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
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
  public void addNoise(float[] x, int from, int length, float scale, long key) {
    int half = (length + 1) / 2;
    int whole = length / 2 - (length / 2) % LANES;
    IntVector key1 = IntVector.broadcast(INTS, (int) key);
    IntVector key2 = IntVector.broadcast(INTS, (int) (key >>> 32));
    for (int i = 0; i < whole; i += LANES) {
      IntVector counter = LANE_NUMBERS.add(i).mul(Approximations.WEYL);
      FloatVector radius = VectorMath.radius(VectorMath.mix(key1.add(counter))).mul(scale);
      IntVector angle = VectorMath.mix(key2.add(counter));
      FloatVector f =
          VectorMath.toFloats(
                  angle.lanewise(VectorOperators.LSHL, 2).lanewise(VectorOperators.ASHR, 8))
              .mul(Approximations.TO_UNIT);
      FloatVector sine = VectorMath.sine(f);
      FloatVector cosine = VectorMath.cosine(f);
      IntVector quadrant = angle.lanewise(VectorOperators.LSHR, 30);
      VectorMask<Float> swap = quadrant.lanewise(VectorOperators.LSHL, 31).lt(0).cast(SPECIES);
      FloatVector along = signed(cosine.blend(sine, swap), quadrant.add(1));
      FloatVector across = signed(sine.blend(cosine, swap), quadrant);
      radius.fma(along, FloatVector.fromArray(SPECIES, x, from + i)).intoArray(x, from + i);
      radius
          .fma(across, FloatVector.fromArray(SPECIES, x, from + half + i))
          .intoArray(x, from + half + i);
    }
    ScalarKernels.addNoise(x, from, length, scale, key, whole);
  }

  /// With the sign turned where the second bit of `quadrant` is set.
  private static FloatVector signed(FloatVector x, IntVector quadrant) {
    return x.reinterpretAsInts()
        .lanewise(VectorOperators.XOR, quadrant.and(2).lanewise(VectorOperators.LSHL, 30))
        .reinterpretAsFloats();
  }

  @Override
  public void crossEntropy(
      float[] logits, float[] targets, float[] losses, int from, int length, float scale) {
    int end = from + length - length % LANES;
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    for (int at = from; at < end; at += LANES) {
      FloatVector z = FloatVector.fromArray(SPECIES, logits, at);
      FloatVector y = FloatVector.fromArray(SPECIES, targets, at);
      VectorMask<Float> observed = y.compare(VectorOperators.EQ, y);
      FloatVector tail = VectorMath.exp(z.abs().neg());
      FloatVector upper = one.div(tail.add(1f));
      FloatVector s = one.sub(upper).blend(upper, z.compare(VectorOperators.GE, 0f));
      FloatVector loss = z.neg().fma(y, z.max(0f)).add(VectorMath.log(tail.add(1f)));
      FloatVector.zero(SPECIES).blend(loss, observed).intoArray(losses, at);
      FloatVector.zero(SPECIES).blend(s.sub(y).mul(scale), observed).intoArray(logits, at);
    }
    scalar.crossEntropy(logits, targets, losses, end, from + length - end, scale);
  }

  @Override
  public void sigmoid(float[] x, int from, int length) {
    int end = from + length - length % LANES;
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    for (int at = from; at < end; at += LANES) {
      FloatVector z = FloatVector.fromArray(SPECIES, x, at);
      FloatVector upper = one.div(VectorMath.exp(z.abs().neg()).add(1f));
      one.sub(upper).blend(upper, z.compare(VectorOperators.GE, 0f)).intoArray(x, at);
    }
    scalar.sigmoid(x, end, from + length - end);
  }
}
