/// Charts, tables and the pages that hold them: one self-contained file that opens without a
/// network, and figures for a paper.
@NullMarked
package org.embedllm.app.report;

import org.jspecify.annotations.NullMarked;
