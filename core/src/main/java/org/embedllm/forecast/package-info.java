/// The probability that a model answers a question correctly, and how good such forecasts are.
@NullMarked
package org.embedllm.forecast;

import org.jspecify.annotations.NullMarked;
