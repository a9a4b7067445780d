/// Asks models questions over HTTP and scores their answers.
@NullMarked
package org.embedllm.app.ask;

import org.jspecify.annotations.NullMarked;
