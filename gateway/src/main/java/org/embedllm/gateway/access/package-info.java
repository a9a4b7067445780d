/// Access: keys, rates, budgets.
@NullMarked
package org.embedllm.gateway.access;

import org.jspecify.annotations.NullMarked;
