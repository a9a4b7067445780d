/// Votes: comparisons of two models' answers to a question, as evidence about the models' vectors.
@NullMarked
package org.embedllm.votes;

import org.jspecify.annotations.NullMarked;
