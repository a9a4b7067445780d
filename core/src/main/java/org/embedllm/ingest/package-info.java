/// Sources of any layout gathered into one data set.
@NullMarked
package org.embedllm.ingest;

import org.jspecify.annotations.NullMarked;
