/// The experiments of Zhuang et al. (2025), §5 and §6, on any data set: what is trained, how work
/// is shared, kept and resumed, and what each result says.
@NullMarked
package org.embedllm.app.experiment;

import org.jspecify.annotations.NullMarked;
