/// Simulated upstreams, to try the gateway without any.
@NullMarked
package org.embedllm.gateway.demo;

import org.jspecify.annotations.NullMarked;
