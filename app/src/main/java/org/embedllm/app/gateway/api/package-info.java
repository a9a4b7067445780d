/// The HTTP endpoints.
@NullMarked
package org.embedllm.app.gateway.api;

import org.jspecify.annotations.NullMarked;
