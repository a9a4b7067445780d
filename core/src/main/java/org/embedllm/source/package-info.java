/// Evaluation logs and tables read into a correctness matrix, and the data set directory that holds
/// them.
@NullMarked
package org.embedllm.source;

import org.jspecify.annotations.NullMarked;
