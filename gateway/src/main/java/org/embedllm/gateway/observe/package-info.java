/// What one sees of the gateway: metrics, traces, logs.
@NullMarked
package org.embedllm.gateway.observe;

import org.jspecify.annotations.NullMarked;
