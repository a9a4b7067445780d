/// Options that several commands share, or that are too many for one command's class.
@NullMarked
package org.embedllm.app.option;

import org.jspecify.annotations.NullMarked;
