package org.embedllm.app.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The program `embedllm`.
@Command(
    name = "embedllm",
    mixinStandardHelpOptions = true,
    description = "One compact vector per language model: forecasts, routing, probing.")
public final class Main {
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Main()).execute(arguments));
  }
}
