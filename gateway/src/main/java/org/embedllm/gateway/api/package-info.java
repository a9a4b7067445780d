/// The HTTP endpoints.
@NullMarked
package org.embedllm.gateway.api;

import org.jspecify.annotations.NullMarked;
