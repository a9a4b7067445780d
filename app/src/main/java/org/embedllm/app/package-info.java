/// The program: where it starts, and the list of its commands. Every other package of the program
/// is a room of its own that this one furnishes the entrance to; none depends on this one.
@NullMarked
package org.embedllm.app;

import org.jspecify.annotations.NullMarked;
