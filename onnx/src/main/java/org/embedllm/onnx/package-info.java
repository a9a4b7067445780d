/// Sentence encoders: on ONNX Runtime with weights inside, from a folder, or behind an endpoint.
@NullMarked
package org.embedllm.onnx;

import org.jspecify.annotations.NullMarked;
