/// The default forecaster: kernel ridge regression on Nystroem landmarks tells the components of
/// the pool's answers, in closed form, and penalised logistic regression makes each model's vector;
/// with intervals for its forecasts.
@NullMarked
package org.embedllm.kernel;

import org.jspecify.annotations.NullMarked;
