/// What other policies would have got from a gateway's traffic.
@NullMarked
package org.embedllm.app.replay;

import org.jspecify.annotations.NullMarked;
