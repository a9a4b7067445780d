/// The nearest-neighbor baseline: a question is forecast from the training questions closest to it.
@NullMarked
package org.embedllm.neighbors;

import org.jspecify.annotations.NullMarked;
