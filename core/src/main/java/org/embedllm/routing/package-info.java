/// Which model should answer: policies over forecasts, prices, and the baselines they must beat.
@NullMarked
package org.embedllm.routing;

import org.jspecify.annotations.NullMarked;
