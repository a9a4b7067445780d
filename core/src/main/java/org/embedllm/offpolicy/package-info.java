/// Off-policy evaluation: choices whose probabilities are known, and what other policies would have
/// got.
@NullMarked
package org.embedllm.offpolicy;

import org.jspecify.annotations.NullMarked;
