/// The commands of the program, one class each, and the options that several of them share.
@NullMarked
package org.embedllm.app.command;

import org.jspecify.annotations.NullMarked;
