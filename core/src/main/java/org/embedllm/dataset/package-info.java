/// A data set: what an import found, the directory that keeps it, and its export as tables.
@NullMarked
package org.embedllm.dataset;

import org.jspecify.annotations.NullMarked;
