/// What a data set holds and what looks wrong in it, as text and as JSON.
@NullMarked
package org.embedllm.app.summary;

import org.jspecify.annotations.NullMarked;
