/// The gateway beside another one, in one run against one stub.
@NullMarked
package org.embedllm.benchmarks.gateway;

import org.jspecify.annotations.NullMarked;
