/// Files read piece by piece: unpacked, digested, as CSV rows, JSON records or lines of text.
@NullMarked
package org.embedllm.source.file;

import org.jspecify.annotations.NullMarked;
