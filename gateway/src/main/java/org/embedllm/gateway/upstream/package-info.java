/// The servers behind the gateway: calls, failures, circuit breakers, limits, fallback.
@NullMarked
package org.embedllm.gateway.upstream;

import org.jspecify.annotations.NullMarked;
