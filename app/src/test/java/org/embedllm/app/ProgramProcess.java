package org.embedllm.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The program as a process of its own, quick to start.
public final class ProgramProcess {
  private ProgramProcess() {}

  /// The words that start it.
  ///
  /// @param options of Java
  /// @param arguments of the program
  public static List<String> command(List<String> options, List<Object> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-Dembedllm.plain-kernels=true",
            "-cp",
            System.getProperty("java.class.path"),
            "org.embedllm.app.Main"));
    arguments.forEach(argument -> command.add(argument.toString()));
    return command;
  }
}
