/// Item response theory: how hard and how telling each known question is, what a model's answers to
/// known questions say of its ability, and which questions to ask next.
@NullMarked
package org.embedllm.itemresponse;

import org.jspecify.annotations.NullMarked;
