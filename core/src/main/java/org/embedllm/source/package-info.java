/// What a source of answers is: its layout, what a layout reads, and how an import is told to read
/// it.
@NullMarked
package org.embedllm.source;

import org.jspecify.annotations.NullMarked;
