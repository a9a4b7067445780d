/// Tasks that several commands and the page share: open a model, read prompts, encode and forecast
/// them, evaluate a pool.
@NullMarked
package org.embedllm.app.task;

import org.jspecify.annotations.NullMarked;
