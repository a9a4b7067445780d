/// Sample logs of the lm-evaluation-harness.
@NullMarked
package org.embedllm.source.lmeval;

import org.jspecify.annotations.NullMarked;
