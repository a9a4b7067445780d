/// JMH benchmarks and the comparison harness.
@NullMarked
package org.embedllm.benchmarks;

import org.jspecify.annotations.NullMarked;
