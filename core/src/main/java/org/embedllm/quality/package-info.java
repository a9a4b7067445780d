/// A look at data before it is believed: accuracy by model and benchmark, alarms, near-duplicate
/// questions, questions whose key may be wrong.
@NullMarked
package org.embedllm.quality;

import org.jspecify.annotations.NullMarked;
