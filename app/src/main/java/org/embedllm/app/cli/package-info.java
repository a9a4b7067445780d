/// The command line.
@NullMarked
package org.embedllm.app.cli;

import org.jspecify.annotations.NullMarked;
