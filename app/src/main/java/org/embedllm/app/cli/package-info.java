/// The command line.
///
/// A command is a class with a picocli `@Command` that implements `Callable<Integer>`, has a
/// `@Mixin Console`, and a line in `org.embedllm.app.Commands`. It prints through its
/// [org.embedllm.app.cli.Console], shows long steps with [org.embedllm.app.cli.Progress], returns
/// an [org.embedllm.app.cli.ExitStatus], and throws: bad input as
/// [org.embedllm.storage.BadInputException]; what was thrown becomes one line and a status in
/// `Errors`. Commands of other packages are public and have a public constructor without
/// parameters.
@NullMarked
package org.embedllm.app.cli;

import org.jspecify.annotations.NullMarked;
