/// A model's accuracy on a benchmark it never ran, predicted from its embedding, and the rank
/// statistics that evaluate such predictions. Zhuang et al. (2025), §5.3.
@NullMarked
package org.embedllm.benchmark;

import org.jspecify.annotations.NullMarked;
