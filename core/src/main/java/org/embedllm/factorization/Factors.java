package org.embedllm.factorization;

import org.embedllm.tensor.FloatMatrix;

/// The parameters of a fitted factorization over r features: a [MatrixFactorization] without the
/// names, the encoder and the feature map.
///
/// @param modelVectors P, [m, d]
/// @param projection W, [d, r]
/// @param projectionBias b, [1, d]
/// @param classifier C, [2, d]
/// @param classifierBias c, [1, 2]
public record Factors(
    FloatMatrix modelVectors,
    FloatMatrix projection,
    FloatMatrix projectionBias,
    FloatMatrix classifier,
    FloatMatrix classifierBias) {}
