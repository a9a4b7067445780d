/// The OpenAI wire format as far as a gateway must understand it; everything else passes untouched.
@NullMarked
package org.embedllm.gateway.openai;

import org.jspecify.annotations.NullMarked;
