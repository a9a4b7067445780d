/// Who answered what correctly: the correctness matrix, its questions and their split. Uses
/// nothing.
@NullMarked
package org.embedllm.correctness;

import org.jspecify.annotations.NullMarked;
