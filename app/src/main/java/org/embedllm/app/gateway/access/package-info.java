/// Who may use the gateway: keys, rates, budgets.
@NullMarked
package org.embedllm.app.gateway.access;

import org.jspecify.annotations.NullMarked;
