/// What an answer takes: output tokens, seconds and USD of each model's answer to a question,
/// forecast from the question's vector.
@NullMarked
package org.embedllm.usage;

import org.jspecify.annotations.NullMarked;
