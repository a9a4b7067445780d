/// Penalised logistic regression by Newton's method, its Laplace approximation, and the calibration
/// of logits.
@NullMarked
package org.embedllm.logistic;

import org.jspecify.annotations.NullMarked;
