package org.embedllm.linalg;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// [Approximations], a vector at a time: the same operations in the same order.
final class VectorMath {
  private VectorMath() {}

  /// e^x for x ≤ 0; e^−87 below −87.
  static FloatVector exp(FloatVector x) {
    FloatVector clamped = x.max(Approximations.LEAST_EXPONENT);
    FloatVector round = x.broadcast(Approximations.ROUND);
    FloatVector shifted = clamped.fma(x.broadcast(Approximations.LOG2_E), round);
    FloatVector n = shifted.sub(round);
    FloatVector r =
        n.fma(
            x.broadcast(-Approximations.LN2_LOW),
            n.fma(x.broadcast(-Approximations.LN2_HIGH), clamped));
    FloatVector p =
        x.broadcast(Approximations.E4)
            .fma(r, x.broadcast(Approximations.E3))
            .fma(r, x.broadcast(Approximations.E2))
            .fma(r, x.broadcast(Approximations.E1))
            .fma(r, x.broadcast(Approximations.E0))
            .fma(r.mul(r), r)
            .add(1f);
    IntVector power =
        shifted
            .reinterpretAsInts()
            .sub(Float.floatToRawIntBits(Approximations.ROUND))
            .lanewise(VectorOperators.LSHL, 23);
    return p.reinterpretAsInts().add(power).reinterpretAsFloats();
  }

  /// Natural logarithm of positive normal numbers.
  static FloatVector log(FloatVector x) {
    IntVector bits = x.reinterpretAsInts().sub(Approximations.ROOT_HALF_BITS);
    FloatVector n = toFloats(bits.lanewise(VectorOperators.ASHR, 23));
    FloatVector f =
        bits.and(0x7fffff).add(Approximations.ROOT_HALF_BITS).reinterpretAsFloats().sub(1f);
    FloatVector p =
        x.broadcast(Approximations.L6)
            .fma(f, x.broadcast(Approximations.L5))
            .fma(f, x.broadcast(Approximations.L4))
            .fma(f, x.broadcast(Approximations.L3))
            .fma(f, x.broadcast(Approximations.L2))
            .fma(f, x.broadcast(Approximations.L1))
            .fma(f, x.broadcast(Approximations.L0));
    FloatVector square = f.mul(f);
    FloatVector tail = x.broadcast(-0.5f).fma(square, p.mul(square.mul(f)));
    return n.fma(
        x.broadcast(Approximations.LN2_HIGH),
        n.fma(x.broadcast(Approximations.LN2_LOW), tail).add(f));
  }

  /// Sine of π/2 times f, |f| ≤ ½.
  static FloatVector sine(FloatVector f) {
    FloatVector square = f.mul(f);
    FloatVector p =
        f.broadcast(Approximations.S3)
            .fma(square, f.broadcast(Approximations.S2))
            .fma(square, f.broadcast(Approximations.S1))
            .fma(square, f.broadcast(Approximations.S0));
    return f.mul(p);
  }

  /// Cosine of π/2 times f, |f| ≤ ½.
  static FloatVector cosine(FloatVector f) {
    FloatVector square = f.mul(f);
    return f.broadcast(Approximations.C3)
        .fma(square, f.broadcast(Approximations.C2))
        .fma(square, f.broadcast(Approximations.C1))
        .fma(square, f.broadcast(Approximations.C0))
        .fma(square, f.broadcast(1f));
  }

  /// 32 bits that depend on all bits of the argument.
  static IntVector mix(IntVector x) {
    IntVector h = x;
    h =
        h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 16))
            .mul(Approximations.MIX1);
    h =
        h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 13))
            .mul(Approximations.MIX2);
    return h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 16));
  }

  /// The radius of Box and Muller from 32 random bits.
  static FloatVector radius(IntVector bits) {
    FloatVector u =
        toFloats(bits.lanewise(VectorOperators.LSHR, 8).add(1)).mul(Approximations.TO_UNIT);
    return log(u).mul(-2f).sqrt();
  }

  static FloatVector toFloats(IntVector x) {
    return (FloatVector) x.convert(VectorOperators.I2F, 0);
  }
}
