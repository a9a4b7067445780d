/// The gateway's configuration file: what may stand in it, and all that is wrong with one at once.
@NullMarked
package org.embedllm.gateway.config;

import org.jspecify.annotations.NullMarked;
