/// The HTTP server below the endpoints: connections, bodies and their limits, cross-site rules,
/// TLS.
@NullMarked
package org.embedllm.gateway.server;

import org.jspecify.annotations.NullMarked;
