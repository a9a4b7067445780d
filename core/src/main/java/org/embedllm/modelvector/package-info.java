/// A model's vector from its answers, everything else being fixed: the vectors of a trained pool,
/// of models that arrive later, and vectors that learn from use.
@NullMarked
package org.embedllm.modelvector;

import org.jspecify.annotations.NullMarked;
