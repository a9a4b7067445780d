/// Scores of what a model wrote: against a right answer, or by a judge.
@NullMarked
package org.embedllm.scoring;

import org.jspecify.annotations.NullMarked;
