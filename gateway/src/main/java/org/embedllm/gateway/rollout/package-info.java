/// Which decisions reach clients: exploration, dry runs, canaries, and the step back.
@NullMarked
package org.embedllm.gateway.rollout;

import org.jspecify.annotations.NullMarked;
