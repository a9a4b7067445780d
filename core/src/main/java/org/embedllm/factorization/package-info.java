/// The matrix factorization of Zhuang et al. (2025), §4.3: one vector per model, learned from right
/// and wrong answers.
@NullMarked
package org.embedllm.factorization;

import org.jspecify.annotations.NullMarked;
