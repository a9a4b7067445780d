/// Anthropic's Messages API, said in chat completions.
@NullMarked
package org.embedllm.gateway.anthropic;

import org.jspecify.annotations.NullMarked;
