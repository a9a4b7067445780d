package org.embedllm.linalg;

/// Elementary functions as short polynomials, one operation after the other, so that a vector lane
/// and a scalar give the same bits. The scalar form is here; [VectorKernels] repeats it operation
/// by operation.
///
/// The coefficients were fitted for this project (least squares reweighted towards the least
/// largest error); the ranges are reduced in the usual way (Cody and Waite, 1980).
final class Approximations {
  static final float LOG2_E = 1.442695f;
  static final float LN2_HIGH = 0.6933594f; // ends in zeros: n times it is exact
  static final float LN2_LOW = -0.00021219444f;
  static final float ROUND = 12582912f; // 1.5 * 2^23: adding it rounds to an integer
  static final float LEAST_EXPONENT = -87f;

  // exp(r) = 1 + r + r² (E0 + E1 r + ...), |r| ≤ ln 2 / 2; relative error 3e-9
  static final float E0 = 0.49999994f;
  static final float E1 = 0.1666652f;
  static final float E2 = 0.04166839f;
  static final float E3 = 0.00836878f;
  static final float E4 = 0.00138145f;

  // log(1 + f) = f − f²/2 + f³ (L0 + L1 f + ...), 1 + f from √½ to √2; error 7e-9
  static final int ROOT_HALF_BITS = 0x3f3504f3;
  static final float L0 = 0.3333416f;
  static final float L1 = -0.2500172f;
  static final float L2 = 0.19955027f;
  static final float L3 = -0.1656376f;
  static final float L4 = 0.14976503f;
  static final float L5 = -0.1438458f;
  static final float L6 = 0.08682758f;

  // sin(π/2 f) = f (S0 + S1 f² + ...), cos(π/2 f) = 1 + f² (C0 + C1 f² + ...), |f| ≤ ½; error 1e-9
  static final float S0 = 1.5707963f;
  static final float S1 = -0.64596295f;
  static final float S2 = 0.07967592f;
  static final float S3 = -0.00459233f;
  static final float C0 = -1.2337005f;
  static final float C1 = 0.25366923f;
  static final float C2 = -0.020860309f;
  static final float C3 = 0.00090406055f;

  // The finalizer of MurmurHash3 (Appleby, public domain).
  static final int MIX1 = 0x85ebca6b;
  static final int MIX2 = 0xc2b2ae35;
  static final int WEYL = 0x9E3779B9;
  static final float TO_UNIT = 0x1.0p-24f;

  private Approximations() {}

  /// e^x for x ≤ 0; e^−87 below −87.
  static float exp(float x) {
    float clamped = Math.max(x, LEAST_EXPONENT);
    float shifted = Math.fma(clamped, LOG2_E, ROUND);
    float n = shifted - ROUND;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, clamped));
    float p = Math.fma(E4, r, E3);
    p = Math.fma(p, r, E2);
    p = Math.fma(p, r, E1);
    p = Math.fma(p, r, E0);
    p = Math.fma(p, r * r, r) + 1f;
    int power = (Float.floatToRawIntBits(shifted) - Float.floatToRawIntBits(ROUND)) << 23;
    return Float.intBitsToFloat(Float.floatToRawIntBits(p) + power);
  }

  /// Natural logarithm of a positive normal number.
  static float log(float x) {
    int bits = Float.floatToRawIntBits(x) - ROOT_HALF_BITS;
    float n = bits >> 23;
    float f = Float.intBitsToFloat((bits & 0x7fffff) + ROOT_HALF_BITS) - 1f;
    float p = Math.fma(L6, f, L5);
    p = Math.fma(p, f, L4);
    p = Math.fma(p, f, L3);
    p = Math.fma(p, f, L2);
    p = Math.fma(p, f, L1);
    p = Math.fma(p, f, L0);
    float square = f * f;
    float tail = Math.fma(-0.5f, square, p * (square * f));
    return Math.fma(n, LN2_HIGH, Math.fma(n, LN2_LOW, tail) + f);
  }

  /// Sine of π/2 times f, |f| ≤ ½.
  static float sine(float f) {
    float square = f * f;
    float p = Math.fma(S3, square, S2);
    p = Math.fma(p, square, S1);
    return f * Math.fma(p, square, S0);
  }

  /// Cosine of π/2 times f, |f| ≤ ½.
  static float cosine(float f) {
    float square = f * f;
    float p = Math.fma(C3, square, C2);
    p = Math.fma(p, square, C1);
    p = Math.fma(p, square, C0);
    return Math.fma(p, square, 1f);
  }

  /// 32 bits that depend on all bits of the argument.
  static int mix(int x) {
    int h = x;
    h = (h ^ (h >>> 16)) * MIX1;
    h = (h ^ (h >>> 13)) * MIX2;
    return h ^ (h >>> 16);
  }

  /// The radius of Box and Muller (1958) from 32 random bits: `sqrt(−2 ln u)`, u in (0, 1].
  static float radius(int bits) {
    float u = ((bits >>> 8) + 1) * TO_UNIT;
    return (float) Math.sqrt(-2f * log(u));
  }
}
