package org.embedllm.app;

import java.util.List;
import org.embedllm.app.cli.CommandEntry;
import org.embedllm.app.cli.EncodeCommand;
import org.embedllm.app.cli.ImportCommand;

/// The commands, in the order of the help text. A new command is one more line here: `new
/// CommandEntry("train", TrainCommand::new)`.
final class Commands {
  static final List<CommandEntry> ALL =
      List.of(
          new CommandEntry("import", ImportCommand::new),
          new CommandEntry("encode", EncodeCommand::new));

  private Commands() {}
}
