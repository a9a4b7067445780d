/// What the gateway remembers: decisions, usage, outcomes.
@NullMarked
package org.embedllm.gateway.store;

import org.jspecify.annotations.NullMarked;
