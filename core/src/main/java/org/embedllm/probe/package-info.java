/// Probing model embeddings: communities, neighbors, and the contribution of each benchmark. Zhuang
/// et al. (2025), §6.
@NullMarked
package org.embedllm.probe;

import org.jspecify.annotations.NullMarked;
