package org.embedllm.app.command;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.embedllm.app.cli.CommandEntry;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Program;
import org.embedllm.app.cli.ShellCompletion;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `embedllm completion SHELL`: a script that completes commands and options in a shell.
@Command(
    name = "completion",
    description = "Prints a script that completes commands and options in a shell.",
    footer = {
      "",
      "Examples:",
      "  source <(./embedllm completion bash)      # also for zsh",
      "  ./embedllm completion fish > ~/.config/fish/completions/embedllm.fish",
    })
public final class CompletionCommand implements Callable<Integer> {
  private final Supplier<List<CommandEntry>> commands;

  @Mixin private Console console;

  @Parameters(paramLabel = "bash|zsh|fish", description = "The shell.")
  private Shell shell = Shell.BASH;

  /// Shells that are known.
  enum Shell {
    BASH,
    ZSH,
    FISH
  }

  /// @param commands the commands it completes
  public CompletionCommand(Supplier<List<CommandEntry>> commands) {
    this.commands = commands;
  }

  @Override
  public Integer call() {
    CommandLine line = Program.described(commands.get());
    String script =
        switch (shell) {
          // The script says itself what zsh needs to understand it.
          case BASH, ZSH -> AutoComplete.bash("embedllm", line);
          case FISH -> ShellCompletion.fish("embedllm", line);
        };
    console.text(script);
    console.json(List.of(shell.name().toLowerCase(Locale.ROOT), script));
    return ExitStatus.DONE;
  }
}
