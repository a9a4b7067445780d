/// The kernel tower: a factorization whose question tower is the similarity to landmarks, trained
/// in closed form, with intervals for its forecasts.
@NullMarked
package org.embedllm.tower;

import org.jspecify.annotations.NullMarked;
