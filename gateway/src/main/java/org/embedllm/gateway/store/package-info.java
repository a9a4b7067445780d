/// Storage: decisions, usage, feedback.
@NullMarked
package org.embedllm.gateway.store;

import org.jspecify.annotations.NullMarked;
