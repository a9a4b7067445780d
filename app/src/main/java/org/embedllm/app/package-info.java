/// The program: where it starts, and the list of its commands. Every other package of the program
/// has its own package; none depends on this one.
@NullMarked
package org.embedllm.app;

import org.jspecify.annotations.NullMarked;
