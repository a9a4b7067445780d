/// Observability: metrics, traces, logs, live view.
@NullMarked
package org.embedllm.gateway.observe;

import org.jspecify.annotations.NullMarked;
