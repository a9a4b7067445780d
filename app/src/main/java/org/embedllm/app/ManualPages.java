package org.embedllm.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.embedllm.app.cli.ManualPage;
import org.embedllm.app.cli.Program;
import picocli.CommandLine;

/// Writes a manual page for the program and for each of its commands; the build runs it.
final class ManualPages {
  private ManualPages() {}

  /// @param arguments the folder, made where it is missing, and the program's version
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    CommandLine program = Program.described(Commands.ALL);
    write(folder, program, arguments[1]);
    for (CommandLine command : program.getSubcommands().values()) {
      write(folder, command, arguments[1]);
    }
  }

  private static void write(Path folder, CommandLine command, String version) throws IOException {
    String name = command.getCommandSpec().qualifiedName("-") + ".1";
    Files.writeString(folder.resolve(name), ManualPage.of(command.getCommandSpec(), version));
  }
}
