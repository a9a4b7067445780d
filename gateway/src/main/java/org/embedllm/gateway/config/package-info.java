/// The gateway's configuration file, read with all its errors at once.
@NullMarked
package org.embedllm.gateway.config;

import org.jspecify.annotations.NullMarked;
