/// The gateway: one OpenAI-compatible endpoint that sends each request to the right model.
@NullMarked
package org.embedllm.gateway;

import org.jspecify.annotations.NullMarked;
