/// Short programs that show the library at work.
@NullMarked
package org.embedllm.examples;

import org.jspecify.annotations.NullMarked;
