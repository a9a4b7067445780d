/// What the experiments of one run share: names, setup, trainings, cached results, and numbers.
@NullMarked
package org.embedllm.app.experiment.run;

import org.jspecify.annotations.NullMarked;
