/// A ceiling in USD a day, kept by a price that cost has in the choice.
@NullMarked
package org.embedllm.gateway.pacing;

import org.jspecify.annotations.NullMarked;
