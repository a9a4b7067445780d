/// OpenAI's Responses API, said in chat completions.
@NullMarked
package org.embedllm.gateway.responses;

import org.jspecify.annotations.NullMarked;
