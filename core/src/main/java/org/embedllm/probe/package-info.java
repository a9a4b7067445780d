/// What model embeddings know: communities, neighbours, and what each benchmark contributes. Zhuang
/// et al. (2025), §6.
@NullMarked
package org.embedllm.probe;

import org.jspecify.annotations.NullMarked;
