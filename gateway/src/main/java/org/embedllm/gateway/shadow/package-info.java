/// Other models answer a share of the requests too, and a judge scores both answers.
@NullMarked
package org.embedllm.gateway.shadow;

import org.jspecify.annotations.NullMarked;
