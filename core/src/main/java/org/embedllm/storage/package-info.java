/// Files on disk: atomic replacement and the error that names a file and a line.
@NullMarked
package org.embedllm.storage;

import org.jspecify.annotations.NullMarked;
