/// Pools of many models on a Spark cluster: answers read in parallel, models added as a map, the
/// same numbers as on one machine for any number of partitions.
@NullMarked
package org.embedllm.spark;

import org.jspecify.annotations.NullMarked;
