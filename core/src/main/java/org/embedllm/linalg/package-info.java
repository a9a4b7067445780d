/// Float kernels and the threads that run them. Uses nothing else of the project and is no public
/// interface: other packages of this library call it, users of the library do not.
///
/// One promise holds everywhere: an output element is accumulated in one fixed order, by fused
/// multiply-add, so that results have the same bits whatever the tile, the vector width or the
/// number of threads.
@NullMarked
package org.embedllm.linalg;

import org.jspecify.annotations.NullMarked;
