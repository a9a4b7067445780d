/// Answers kept for exact repeats of requests.
@NullMarked
package org.embedllm.gateway.cache;

import org.jspecify.annotations.NullMarked;
