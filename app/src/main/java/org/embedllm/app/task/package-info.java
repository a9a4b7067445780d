/// What several commands and the page do alike: open a model, read prompts, encode and forecast
/// them, evaluate a pool.
@NullMarked
package org.embedllm.app.task;

import org.jspecify.annotations.NullMarked;
