/// The short way from a model file to a routed prompt, for programs that embed the library.
@NullMarked
package org.embedllm.client;

import org.jspecify.annotations.NullMarked;
