/// Float kernels and the threads that run them. Uses nothing else of the project and is no public
/// interface: other packages of this library call it, users of the library do not.
///
/// One rule holds everywhere: an output element is accumulated in one fixed order, by fused
/// multiply-add, so results have the same bits for any tile, vector width and number of threads.
@NullMarked
package org.embedllm.linalg;

import org.jspecify.annotations.NullMarked;
