/// The quickstart: a simulated sample (questions from grammars, answers from invented models) and
/// the command that runs the main job on it.
@NullMarked
package org.embedllm.app.quickstart;

import org.jspecify.annotations.NullMarked;
