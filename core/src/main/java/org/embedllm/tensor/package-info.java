/// Dense float matrices and the safetensors file format.
@NullMarked
package org.embedllm.tensor;

import org.jspecify.annotations.NullMarked;
