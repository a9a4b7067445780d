/// Sentence encoders on ONNX Runtime.
@NullMarked
package org.embedllm.onnx;

import org.jspecify.annotations.NullMarked;
