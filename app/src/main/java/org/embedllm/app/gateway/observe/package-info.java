/// What one sees of the gateway: metrics, traces, logs.
@NullMarked
package org.embedllm.app.gateway.observe;

import org.jspecify.annotations.NullMarked;
