/// Makes the archives of a release from the built program.
@NullMarked
package org.embedllm.dist;

import org.jspecify.annotations.NullMarked;
