/// Routing: policies over forecasts, prices, and the baselines to beat.
@NullMarked
package org.embedllm.routing;

import org.jspecify.annotations.NullMarked;
