/// Question text to question vectors, bound to the identity of the encoder.
@NullMarked
package org.embedllm.question;

import org.jspecify.annotations.NullMarked;
