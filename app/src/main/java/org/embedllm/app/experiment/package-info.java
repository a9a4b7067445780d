/// The experiments of Zhuang et al. (2025), §5 and §6, on any data set: the trainings, how work is
/// shared, cached and resumed, and the reports.
@NullMarked
package org.embedllm.app.experiment;

import org.jspecify.annotations.NullMarked;
