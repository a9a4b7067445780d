/// Fold-in: a model's vector from its answers, everything else being fixed. The rows of a trained
/// pool, models that arrive later, which questions to ask them, and vectors that learn from use.
@NullMarked
package org.embedllm.foldin;

import org.jspecify.annotations.NullMarked;
