/// A fitted pool of models as one file on disk, with what it was made from, and the training
/// questions beside it.
@NullMarked
package org.embedllm.artifact;

import org.jspecify.annotations.NullMarked;
