/// Which model answers a request: text to route on, needs, policies, conversations.
@NullMarked
package org.embedllm.gateway.decide;

import org.jspecify.annotations.NullMarked;
