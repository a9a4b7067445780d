/// The parts of OpenAI's wire format that a gateway must read; everything else passes unchanged.
@NullMarked
package org.embedllm.gateway.openai;

import org.jspecify.annotations.NullMarked;
