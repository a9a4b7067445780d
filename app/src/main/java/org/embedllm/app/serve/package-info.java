/// The command `serve`: the one place of the command line that knows the gateway's module.
@NullMarked
package org.embedllm.app.serve;

import org.jspecify.annotations.NullMarked;
