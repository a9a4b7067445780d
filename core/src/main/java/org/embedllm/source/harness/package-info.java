/// Logs of evaluation tools and records of routing benchmarks, a class for each.
@NullMarked
package org.embedllm.source.harness;

import org.jspecify.annotations.NullMarked;
